"""One world in several shards: the same bits as in one, and nothing crosses but what the model says."""

from __future__ import annotations

import numpy as np
import pytest
from shards import in_threads, lived_by
from variants import VARIANTS
from worlds import lived

from glasscity.rules.resolve import resolve

N, DAYS, SEED = 40_000, 30, 3
SCHEMES = {
    "beijing-2020": lambda: resolve("beijing-2020"),
    "china": lambda: resolve("china"),
    "court-list": lambda: resolve("court-list"),
    "harsh, some safeguards": VARIANTS["harsh, some safeguards"].build,
    "articles come and go": VARIANTS["articles come and go"].build,
}


@pytest.fixture(scope="module", params=SCHEMES)
def whole(request):
    """A city lived by one process, with a panel."""
    resolved = SCHEMES[request.param]()
    return resolved, lived(resolved, N, DAYS, SEED, panel=500, watch=(7, N - 1))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shards__end_with_the_digest_and_the_readings_of_one_process(whole, size):
    resolved, alone = whole
    shards = lived_by(size, resolved, N, DAYS, SEED, panel=500, watch=(7, N - 1))
    assert {shard for shard in in_threads(size, lambda exchange: again(shards, exchange).digest())} == {alone.digest()}
    for shard in shards:
        for a, b in zip(alone.readings, shard.readings, strict=True):
            assert all(np.array_equal(getattr(a, field), getattr(b, field)) for field in vars(a))


def again(shards, exchange):
    """The shard of that rank, with a new way to talk."""
    shard = shards[exchange.rank]
    shard.exchange = exchange
    return shard
