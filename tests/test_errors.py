"""Messages of errors: what was meant is guessed as a reader would."""

from molscreen.errors import did_you_mean, did_you_mean_file


def test_case_is_no_difference():
    """The commonest typo in a column name."""
    assert did_you_mean("PIC50", ["year", "pIC50"]) == " Did you mean 'pIC50'?"
    assert did_you_mean("herg", ["AMES", "hERG"]) == " Did you mean 'hERG'?"


def test_far_names_are_not_suggested():
    assert did_you_mean("dose", ["pIC50", "hERG"]) == ""
    assert did_you_mean("dose", []) == ""


def test_the_ending_of_a_file_makes_it_no_nearer():
    """Of two names of four letters, .csv is half."""
    assert did_you_mean_file("none.csv", ["honly.csv", "bin.csv", ".csv"]) == ""
    assert did_you_mean_file("assay.csv", ["asay.csv", "assay.smi"]) == " Did you mean 'asay.csv'?"
    assert did_you_mean_file("drugs.csv", ["drugs.csv.gz"]) == " Did you mean 'drugs.csv.gz'?"
