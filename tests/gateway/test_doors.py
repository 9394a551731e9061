"""The wait for the SDK: said when it is long, given up when it is hopeless."""

import asyncio
import logging
import types

import pytest

from lived_workers.gateway.doors import ImportLostError, imported


async def _imported_after(delay_s: float) -> types.ModuleType:
    module: asyncio.Future[types.ModuleType] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(delay_s, module.set_result, types)
    return await imported(module, slow_s=0.02, lost_s=5.0)


def test_a_module_that_is_there_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of an import that has ended."""

    async def there() -> types.ModuleType:
        module: asyncio.Future[types.ModuleType] = asyncio.get_running_loop().create_future()
        module.set_result(types)
        return await imported(module)

    assert asyncio.run(there()) is types
    assert caplog.text == ""


def test_a_slow_import_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """One warning, and then the module."""
    with caplog.at_level(logging.WARNING):
        assert asyncio.run(_imported_after(0.2)) is types
    assert caplog.text.count("still being imported") == 1


def test_an_import_without_end_is_given_up() -> None:
    """The worker ends with it: a new process is the better hope."""

    async def never() -> None:
        await imported(asyncio.get_running_loop().create_future(), slow_s=0.01, lost_s=0.05)

    with pytest.raises(ImportLostError, match="not imported"):
        asyncio.run(never())
