"""Write `hub_config/definitions.json` from Kubernetes' OpenAPI document, for `make kubernetes-definitions`.

The document is `api/openapi-spec/swagger.json` of the Go module `k8s.io/kubernetes`, at the newest version that the
embedded cluster pins.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from ci.cluster.embedded.pins import kubernetes
from hub_config.kubernetes import closure

DOCUMENT = Path("api/openapi-spec/swagger.json")
DOWNLOAD_SECONDS = 600
TARGET = Path(__file__).resolve().parent.parent / "hub_config" / "definitions.json"


def main() -> int:
    """Download the module, cut what is needed from its document, and write it."""
    command = ["go", "mod", "download", "-json", f"k8s.io/kubernetes@v{kubernetes(None).version}"]
    module = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=DOWNLOAD_SECONDS).stdout)
    document = json.loads((Path(module["Dir"]) / DOCUMENT).read_text(encoding="utf-8"))
    cut = closure(document["definitions"])
    TARGET.write_text(json.dumps(cut, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(cut)} definitions from Kubernetes {document['info']['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
