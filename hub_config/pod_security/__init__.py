"""The Pod Security Standards, values that contradict a level, and what user pods get on top: pure functions."""
