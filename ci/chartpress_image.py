"""Let chartpress name images, or build one: `python -I ci/chartpress_image.py [NAME]`, where `chartpress.yaml` is.

chartpress's own command builds image after image into one output, and first asks a registry for each that is not
there locally, which a machine without one pays for in minutes. Here an image is built unasked, alone. It lists only the
images that the chart's values name; here all are, as JSON: from name to reference.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import chartpress
import yaml


def main() -> int:
    """Build the image that the command line names, or print the references of all."""
    (chart,) = yaml.safe_load(Path("chartpress.yaml").read_text(encoding="utf-8"))["charts"]
    if not sys.argv[1:]:
        print(json.dumps(references(chart)))
        return 0
    (name,) = sys.argv[1:]
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


def references(chart: dict[str, Any]) -> dict[str, str]:
    """Return each image's `repository:tag`, whether or not the chart's values name it."""
    found: dict[str, dict[str, str]] = chartpress.build_images(
        prefix=chart["imagePrefix"],
        # What chartpress returns is what it would write into the values.
        images={name: {**options, "valuesPath": name} for name, options in chart["images"].items()},
        base_version=chart["baseVersion"],
        skip_build=True,
    )
    return {name: "{repository}:{tag}".format(**each) for name, each in found.items()}


if __name__ == "__main__":
    sys.exit(main())
