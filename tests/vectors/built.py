"""The vector files that are built whole."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.vectors.built_devices import hsm_services, psam_key_loading, psam_purchases, psam_sessions
from tests.vectors.built_keys import check_values, key_components, secured_commands
from tests.vectors.built_transport import psam_transport

BUILT: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType(
    {
        "check-value": check_values,
        "key-components": key_components,
        "secured-command": secured_commands,
        "psam-session": psam_sessions,
        "psam-key-loading": psam_key_loading,
        "psam-purchase": psam_purchases,
        "psam-transport": psam_transport,
        "hsm-services": hsm_services,
    }
)
