"""Write `hub_config/definitions.json` from Kubernetes' OpenAPI document, for `make kubernetes-definitions`.

The document is `api/openapi-spec/swagger.json` of the Go module `k8s.io/kubernetes`, at the version that the embedded
cluster pins.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hub_config.kubernetes import closure

TARGET = Path(__file__).resolve().parent.parent / "hub_config" / "definitions.json"


def main() -> int:
    """Convert the document whose path is the first argument."""
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    cut = closure(document["definitions"])
    TARGET.write_text(json.dumps(cut, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(cut)} definitions from Kubernetes {document['info']['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
