"""The hub as people see it: a real chromium on a real Kubernetes. Each module is one journey; its tests are its steps.

Screenshots of each step go to `build/screenshots`; `UPDATE_DOC_IMAGES=1` also renews the pictures in `docs/images`.
"""
