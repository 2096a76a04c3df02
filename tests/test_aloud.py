"""What is said to whoever sits before Python: little, and harmless."""

import io

from molscreen.aloud import Aloud


def test_counts_are_far_between_and_no_file_steers_the_prompt():
    now, stream = [0.0], io.StringIO()
    aloud = Aloud(stream=stream, clock=lambda: now[0])
    aloud.say("column 'a\x1b[2J'")
    for now[0] in (1.0, 6.0, 7.0):
        aloud.count(int(now[0]), 2000)
    assert stream.getvalue() == "column 'a?[2J'\n  6 of 2,000\n"


def test_of_a_step_its_first_line_is_news():
    now, stream = [0.0], io.StringIO()
    aloud = Aloud(stream=stream, clock=lambda: now[0])
    for epoch, now[0] in enumerate((0.0, 1.0, 6.0), start=1):
        aloud.news(f"network 1, epoch {epoch}")
    aloud.news("baseline")
    assert stream.getvalue() == "network 1, epoch 1\nnetwork 1, epoch 3\nbaseline\n"
