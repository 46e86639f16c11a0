"""What the charts take, as far as our values use it; no registry has their schemas.

Sources: https://github.com/vllm-project/production-stack/blob/main/helm/values.schema.json,
https://z2jh.jupyter.org/en/stable/resources/reference.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number", "exclusiveMinimum": 0}
_FREE: Schema = {"type": "object"}


def closed(*required: str, **properties: Schema) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_MODEL = closed(
    *("name", "repository", "tag", "modelURL", "replicaCount", "requestCPU", "requestMemory", "requestGPU"),
    name=_TEXT,
    repository=_TEXT,
    tag=_TEXT,
    modelURL=_TEXT,
    replicaCount=_COUNT,
    requestCPU=_COUNT,
    requestMemory=_TEXT,
    requestGPU=_COUNT,
    pvcStorage=_TEXT,
    vllmConfig=closed(
        maxModelLen=_COUNT,
        enablePrefixCaching={"type": "boolean"},
        extraArgs={"type": "array", "items": _TEXT},
    ),
    env={"type": "array", "items": closed("name", "value", name=_TEXT, value=_TEXT)},
)
PRODUCTION_STACK = closed(
    "servingEngineSpec",
    servingEngineSpec=closed(
        "modelSpec",
        runtimeClassName=_TEXT,
        vllmApiKey=closed("secretName", "secretKey", secretName=_TEXT, secretKey=_TEXT),
        modelSpec={"type": "array", "items": _MODEL, "minItems": 1},
    ),
    routerSpec=closed(
        replicaCount=_COUNT,
        routingLogic={"enum": ["roundrobin", "session", "prefixaware", "kvaware", "disaggregated_prefill"]},
    ),
)
_SIZE = closed(guarantee={"type": ["string", "number"]}, limit={"type": ["string", "number"]})
JUPYTERHUB = closed(
    "singleuser",
    singleuser=closed(
        image=closed("name", "tag", name=_TEXT, tag=_TEXT),
        defaultUrl=_TEXT,
        memory=_SIZE,
        cpu=_SIZE,
        extraEnv={"type": "object", "additionalProperties": {"type": ["string", "object"]}},
        extraFiles={
            "type": "object",
            "additionalProperties": {**closed("mountPath", mountPath=_TEXT, data=_FREE, stringData=_TEXT)},
        },
        networkPolicy=closed(
            enabled={"type": "boolean"},
            egressAllowRules=closed(
                cloudMetadataServer={"type": "boolean"},
                dnsPortsKubeSystemNamespace={"type": "boolean"},
                dnsPortsPrivateIPs={"type": "boolean"},
                nonPrivateIPs={"type": "boolean"},
                privateIPs={"type": "boolean"},
            ),
            egress={"type": "array", "items": _FREE},
        ),
    ),
    cull=closed(enabled={"type": "boolean"}, timeout=_COUNT, every=_COUNT),
)


def problems(name: str, values: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    """Yield where values are none that a chart takes."""
    for error in Draft202012Validator(schema).iter_errors(values):
        yield f"{name}: {error.json_path}: {error.message[:300]}"
