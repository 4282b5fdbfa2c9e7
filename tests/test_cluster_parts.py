"""What instances have in common is there where Redis is set, and nowhere else."""

from pathlib import Path

from fourhands.cluster_parts import make_shared
from fourhands.model.clock import SystemClock
from fourhands.settings import Settings
from fourhands.shared_state.redis import RedisState


def test_without_redis_there_is_nothing_in_common(tmp_path: Path) -> None:
    assert make_shared(Settings(data_dir=tmp_path), SystemClock()) is None


async def test_with_redis_there_is_whether_it_answers_or_not(tmp_path: Path) -> None:
    made = make_shared(Settings(data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0"), SystemClock())
    assert isinstance(made, RedisState)
    await made.close()
