"""The fair draw."""

from brokerage.ranking.draw import draw_key, seed_commitment, seed_matches


def test_the_commitment_is_sha_256_of_the_seed():
    assert seed_commitment("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert seed_matches("abc", seed_commitment("abc"))
    assert not seed_matches("abd", seed_commitment("abc"))


def test_the_key_is_sha_256_of_reference_ticket_and_seed_one_after_the_other():
    assert draw_key("a", "b", "c") == seed_commitment("abc")


def test_ticket_seed_and_reference_each_change_the_key():
    keys = {draw_key("PKG-1", "t1", "s"), draw_key("PKG-1", "t2", "s"), draw_key("PKG-2", "t1", "s")}
    assert len(keys | {draw_key("PKG-1", "t1", "x")}) == 4
