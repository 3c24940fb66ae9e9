"""diffusers imports torchvision where it is installed; one built for another torch must not take these tests down."""

import pytest
import torch


@pytest.fixture(scope="session")
def diffusers():
    package = pytest.importorskip("diffusers", reason="the extra interop is not installed")
    try:
        __import__("torchvision")
    except ImportError:
        pass
    except RuntimeError:  # operator torchvision::nms does not exist
        import diffusers.utils.import_utils as found

        found._torchvision_available = False
    return package


@pytest.fixture(autouse=True)
def one_thread():
    """Threads cost more than they bring on tensors of a few kilobytes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
