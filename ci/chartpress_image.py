"""Let chartpress build one image of `chartpress.yaml`: `python -I ci/chartpress_image.py NAME`, in that file's folder.

chartpress's own command builds image after image into one output, and first asks a registry for each that is not
there locally, which a machine without one pays for in minutes. Here an image is built unasked, alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import chartpress
import yaml


def main() -> int:
    """Build the image that the command line names."""
    (name,) = sys.argv[1:]
    (chart,) = yaml.safe_load(Path("chartpress.yaml").read_text(encoding="utf-8"))["charts"]
    try:
        chartpress.build_images(
            prefix=chart["imagePrefix"],
            images={name: chart["images"][name]},
            base_version=chart["baseVersion"],
            force_build=True,
        )
    except subprocess.CalledProcessError as error:
        return error.returncode  # docker has said why: its words are the ones to end with
    return 0


if __name__ == "__main__":
    sys.exit(main())
