"""Proof that an offer reached a provider."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from marketplace.rounds.rules import NOTICE_COLOURS, MessageFate, NoticeFacts, NoticeState, half_time, notice_state

ISSUED = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
HALF, DEADLINE = ISSUED + timedelta(hours=12), ISSUED + timedelta(hours=24)
FACTS = NoticeFacts(ISSUED, DEADLINE, inbox_at=ISSUED, messages=(MessageFate(accepted_at=ISSUED),))
AFTER = DEADLINE + timedelta(hours=1)


def test_every_state_has_a_colour():
    assert set(NOTICE_COLOURS) == set(NoticeState)


def test_an_accepted_message_and_an_inbox_item_in_the_first_half_prove_notice():
    assert notice_state(FACTS, AFTER).state is NoticeState.PROVEN
    assert notice_state(replace(FACTS, messages=(MessageFate(accepted_at=HALF),)), AFTER).state is NoticeState.PROVEN


def test_a_message_accepted_in_the_second_half_proves_nothing():
    late = replace(FACTS, messages=(MessageFate(accepted_at=HALF + timedelta(seconds=1)),))
    found = notice_state(late, AFTER)
    assert found.state is NoticeState.EXCLUDED


def test_before_half_time_missing_notice_is_not_yet_proven():
    assert notice_state(replace(FACTS, messages=(MessageFate(),)), HALF).state is NoticeState.NOT_YET
    assert notice_state(replace(FACTS, messages=()), HALF).state is NoticeState.NOT_YET


def test_without_an_inbox_item_a_message_is_not_enough():
    assert notice_state(replace(FACTS, inbox_at=None), AFTER).state is NoticeState.EXCLUDED


def test_all_bounced_even_long_after_is_excluded():
    bounced = MessageFate(accepted_at=ISSUED, bounced_at=DEADLINE + timedelta(days=2))
    found = notice_state(replace(FACTS, messages=(bounced, bounced)), AFTER)
    assert found.state is NoticeState.EXCLUDED
    one_arrived = replace(FACTS, messages=(bounced, MessageFate(accepted_at=ISSUED)))
    assert notice_state(one_arrived, AFTER).state is NoticeState.PROVEN


def test_withdrawn_before_the_deadline_is_excluded():
    found = notice_state(replace(FACTS, withdrawn_at=DEADLINE - timedelta(seconds=1)), AFTER)
    assert found.state is NoticeState.EXCLUDED
    assert notice_state(replace(FACTS, withdrawn_at=DEADLINE), AFTER).state is NoticeState.PROVEN


def test_an_extension_moves_the_half_time():
    late = replace(FACTS, messages=(MessageFate(accepted_at=HALF + timedelta(hours=2)),))
    assert half_time(replace(late, deadline=DEADLINE + timedelta(hours=24))) == DEADLINE
    assert notice_state(replace(late, deadline=DEADLINE + timedelta(hours=24)), AFTER).state is NoticeState.PROVEN


def test_a_telephone_conversation_counts_at_its_time_even_when_all_messages_bounced():
    bounced = replace(FACTS, messages=(MessageFate(ISSUED, ISSUED),), phoned_at=HALF)
    assert notice_state(bounced, AFTER).state is NoticeState.PROVEN
    assert notice_state(replace(bounced, phoned_at=HALF + timedelta(minutes=1)), AFTER).state is NoticeState.EXCLUDED
