"""Value files to judge the check of values by: correct ones, and others made from them by typical mistakes."""
