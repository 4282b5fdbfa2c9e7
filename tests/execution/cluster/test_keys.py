"""The keys: one hash tag for all of an installation, and names that nobody guesses."""

from fourhands.execution.cluster.keys import Keys, new_name


def test_all_keys_of_an_installation_share_a_hash_tag_that_no_other_has() -> None:
    keys = Keys("mine")
    named = [keys.runners, *(make("x") for make in (keys.runner, keys.state, keys.offers, keys.server, keys.notices, keys.job, keys.to_run, keys.from_run))]
    assert len(set(named)) == 9
    assert {name.split("}")[0] for name in named} == {"{mine:programs"}


def test_a_name_has_128_bits_and_comes_once() -> None:
    names = {new_name() for _ in range(100)}
    assert (len(names), {len(name) for name in names}) == (100, {32})
