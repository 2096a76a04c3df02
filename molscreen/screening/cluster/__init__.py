"""Workers on a Ray cluster: the only room that imports ray, and only when it is asked for."""
