"""What somebody does to a ledger behind its back, by its file, its folder, its keys or its witness; all of it is found."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from hauberk.digest import sha256
from hauberk.evidence.predicates import MODEL_SCAN, POLICY, REVOCATION, TRUST
from hauberk.evidence.trust import RootKeys, Trust
from hauberk.ledger.add_checkpoint import Request
from hauberk.ledger.checkpoint import Checkpoint, sign
from hauberk.ledger.index import leaf
from hauberk.ledger.replay import entry_for
from hauberk.policy.policy import Policy
from hauberk.signature import dsse
from hauberk.signature.note import Note
from hauberk.statement import Named
from simulator import DAY, HIGH, ORIGIN, START, Chain, core, keys, policy_data
from tamper.case import Cases
from tamper.live import FIRST_INDEX, LAST, LATER, SCAN, Live, another_scan, build

if TYPE_CHECKING:
    from pathlib import Path

    from hauberk.statement import Envelope

LEDGER = Cases()
case = LEDGER.case


def in_place_of(live: Live, number: int, envelope: Envelope) -> None:
    """Put another statement in the place of one, with an entry that fits it, and all tables as these give them."""
    data = dsse.encode_envelope(envelope)
    time = live.entry(number).time
    live.rewrite(number, entry_for(data, envelope, dsse.decode_statement(envelope.payload), time), data)


# entries


@case("ledger verify", "rewritten entry: number 9 is no entry")
def an_entry_overwritten(live: Live) -> None:
    """The bytes of an entry are replaced by others."""
    live.sql("UPDATE entries SET record = ? WHERE number = 9", b"{}")


@case("ledger verify", "rewritten entry: the envelope of number 9")
def an_entry_pointed_at_another_envelope(live: Live) -> None:
    """An entry names another envelope's digest."""
    live.rewrite(SCAN, replace(live.entry(SCAN), envelope=sha256(b"another")))


@case("ledger verify", "rewritten entry: number 9 has another id or subjects")
def an_entry_with_another_statements_id(live: Live) -> None:
    """An entry names the id of another statement."""
    live.rewrite(SCAN, replace(live.entry(SCAN), id=sha256(b"another")))


@case("ledger verify", "rewritten entry: number 9 has another id or subjects")
def an_entry_that_hides_its_subject(live: Live) -> None:
    """A scan's entry no longer says that it is about the model."""
    live.rewrite(SCAN, replace(live.entry(SCAN), subjects=(str(sha256(b"another")),)))


@case("gate", "does not lead to the root")
def an_entry_that_hides_its_subject_from_the_gate(live: Live) -> None:
    """The same, and the gate is asked before anybody verifies the ledger."""
    live.rewrite(SCAN, replace(live.entry(SCAN), subjects=(str(sha256(b"another")),)))


@case("ledger verify", "missing entry: number 9")
def an_entry_deleted(live: Live) -> None:
    """One entry is deleted."""
    live.sql("DELETE FROM entries WHERE number = 9")


@case("gate", "missing entry: number 9")
def an_entry_deleted_under_the_gate(live: Live) -> None:
    """One entry is deleted, and the gate is asked."""
    live.sql("DELETE FROM entries WHERE number = 9")


@case("ledger verify", "missing entry: number 0")
def the_first_entry_deleted(live: Live) -> None:
    """The root is deleted."""
    live.sql("DELETE FROM entries WHERE number = 0")


@case("ledger verify", "missing entry: number 0")
def an_entry_before_the_first(live: Live) -> None:
    """An entry is put in under the number -1."""
    live.sql("INSERT INTO entries SELECT -1, record, 'another' FROM entries WHERE number = 9")


@case("ledger verify", "missing entry: the last is number")
def an_entry_beyond_all_numbers(live: Live) -> None:
    """An entry is put in under a number that no ledger reaches."""
    live.sql("INSERT INTO entries SELECT 1 << 60, record, 'another' FROM entries WHERE number = 9")


@case("ledger verify", "missing entry: number 15")
def a_number_left_out(live: Live) -> None:
    """An entry is put in behind a gap."""
    live.sql("INSERT INTO entries SELECT 16, record, 'another' FROM entries WHERE number = 9")


@case("ledger verify", "the envelope of entry 15 is missing")
def an_entry_without_an_envelope(live: Live) -> None:
    """A scan's entry is put in again at the end, with the time of the last entry."""
    again = replace(live.entry(SCAN), time=live.entry(LAST).time)
    live.sql("INSERT INTO entries VALUES (15, ?, 'another')", again.encode())
    live.rebuild()


@case("ledger verify", "rewritten entry: number 15 repeats an envelope")
def an_entry_repeated(live: Live) -> None:
    """A scan's entry is put in again at the end, with its envelope and the time of the last entry."""
    again = replace(live.entry(SCAN), time=live.entry(LAST).time)
    live.sql("INSERT INTO entries VALUES (15, ?, 'another')", again.encode())
    live.sql("INSERT INTO envelopes SELECT 15, data FROM envelopes WHERE number = 9")
    live.rebuild()


@case("append", "rewritten entry: number 9 is filed under another envelope")
def an_entry_filed_under_an_envelope_that_is_to_come(live: Live) -> None:
    """The column by which envelopes are found names one that somebody will append: it would count as known."""
    to_come = dsse.encode_envelope(good_scan(live.chain))
    live.sql("UPDATE entries SET envelope = ? WHERE number = 9", str(sha256(to_come)))


@case("ledger verify", "rewritten entry: number 9 is filed under another envelope")
def an_entry_filed_under_no_envelope(live: Live) -> None:
    """The column by which envelopes are found is overwritten, so that one could be appended a second time."""
    live.sql("UPDATE entries SET envelope = 'sha256:0' WHERE number = 9")


@case("ledger verify", "rewritten entry: the envelope of number 8")
def two_entries_swapped(live: Live) -> None:
    """Two entries change places, their envelopes stay."""
    one, two = live.entry(8), live.entry(9)
    live.sql("UPDATE entries SET envelope = 'none' WHERE number = 8")
    live.rewrite(9, one)
    live.rewrite(8, two)


@case("ledger verify", "lying index: entry 12")
def two_entries_swapped_with_their_envelopes(live: Live) -> None:
    """Two entries change places with all that belongs to them."""
    for table in ("entries", "envelopes"):
        for old, new in ((8, 99), (9, 8), (99, 9)):
            live.sql(f"UPDATE {table} SET number = ? WHERE number = ?", new, old)
    live.rebuild()


@case("ledger verify", "has the table or index entries of another making")
def a_table_that_takes_anything(live: Live) -> None:
    """The table of entries is made again without types, and an entry is text."""
    live.sql("CREATE TABLE other AS SELECT number, CAST(record AS TEXT) AS record, envelope FROM entries")
    live.sql("DROP TABLE entries")
    live.sql("ALTER TABLE other RENAME TO entries")


# statements in an entry's place


@case("ledger verify", "lying index: entry 12")
def a_failing_scan_replaced_by_a_good_one(live: Live) -> None:
    """Whoever has the scanner's key puts another scan in the place of the logged one, entry and tables to match."""
    in_place_of(live, SCAN, good_scan(live.chain))


@case("gate", "does not lead to the root")
def a_scan_replaced_under_the_gate(live: Live) -> None:
    """The same, and the gate is asked."""
    in_place_of(live, SCAN, good_scan(live.chain))


@case("publish", "fork: the tree of size 16 does not continue the tree of size 15")
def a_scan_replaced_before_publishing(live: Live) -> None:
    """The same, and the ledger is published after another append: the witness has seen another."""
    in_place_of(live, SCAN, good_scan(live.chain))
    live.append(good_scan(live.chain))


@case("gate", "denied: model-scan.high, model-scan.result")
def a_failing_scan_hidden_from_the_table(live: Live) -> None:
    """A failing scan is logged and published, and the table of who speaks of what forgets it."""
    live.append(failing_scan(live.chain))
    live.publish()
    forget(live, 15)


@case("gate", "denied: not-revoked")
def a_revocation_hidden_from_the_table(live: Live) -> None:
    """A revocation is logged and published, and the table of who speaks of what forgets it."""
    live.append(revocation(live.chain))
    live.publish()
    forget(live, 15)


@case("ledger verify", "lying table: that of digests has")
def a_revocation_hidden_from_the_table_of_a_ledger(live: Live) -> None:
    """The same, and the ledger is verified."""
    live.append(revocation(live.chain))
    live.publish()
    forget(live, 15)


@case("gate", "denied: not-revoked")
def a_revocation_said_to_be_listed(live: Live) -> None:
    """A revocation is logged, and the ledger says that its table of who speaks of what covers it already."""
    live.append(revocation(live.chain))
    live.sql("UPDATE listed SET size = 16")


@case("ledger verify", "lying table: that of digests has")
def a_revocation_said_to_be_listed_in_a_ledger(live: Live) -> None:
    """The same, and the ledger is verified."""
    live.append(revocation(live.chain))
    live.sql("UPDATE listed SET size = 16")


@case("append", "scanner may not sign model-scan about model/tumour at that time")
def a_newer_trust_said_to_be_listed(live: Live) -> None:
    """A trust that ends the scanner's grant is logged, the ledger says that its table covers it, and a scan is logged."""
    live.append(newer_trust(live))
    live.sql("UPDATE listed SET size = 16")


@case("gate", "denied: model-scan.present")
def a_strangers_scan_put_in(live: Live) -> None:
    """Who has the keys of log and witness cuts the scan off, puts in a stranger's, and publishes it all anew."""
    live.cut(SCAN)
    shutil.rmtree(live.witness)
    put_in(live, live.chain.say("stranger", MODEL_SCAN.type, live.chain.model, core(files=[]), log=False))
    live.append(*(dsse.decode_envelope(data) for data in live.chain.log.envelopes[SCAN + 1 :]))
    live.publish()


@case("gate", "trust version 1 is not the newest")
def a_newer_trust_hidden_from_the_table(live: Live) -> None:
    """A trust that ends the scanner's grant is published, and the table of who speaks of what forgets it."""
    live.append(newer_trust(live))
    live.publish()
    forget(live, 15)


@case("gate", "the trust file (")
def a_newer_trust_cut_off(live: Live) -> None:
    """A trust that ends the scanner's grant is cut off again with its checkpoint; the reader has that newer trust."""
    live.append(newer_trust(live))
    live.publish()
    live.cut(15)
    live.trust = Trust.of(live.chain.make_trust(without=frozenset([("scanner", "model-scan")]), version=2))


@case("gate", "2 approved policies cover")
def a_newer_policy_renamed(live: Live) -> None:
    """The approver's thief signs a second policy for the same gate under another name."""
    lenient = policy_data(require=[{"predicate": "artefact", "signers": ["producer"]}], distinct_signers=[])
    lenient["name"] = "lenient"
    live.append(live.chain.say("approver", POLICY.type, live.chain.realm, lenient, log=False))
    live.publish()


# time


@case("ledger verify", "time set back: entry 4")
def a_time_set_back(live: Live) -> None:
    """An entry claims a time before that of the entry ahead of it."""
    live.rewrite(4, replace(live.entry(4), time=START))


@case("ledger verify", "lying index: entry 12")
def a_time_moved_in_its_order(live: Live) -> None:
    """An entry claims the time of the entry behind it: no order is broken."""
    live.rewrite(FIRST_INDEX - 1, replace(live.entry(FIRST_INDEX - 1), time=live.entry(FIRST_INDEX).time))


@case("ledger verify", "time ahead: the last entry claims")
def a_time_in_the_future(live: Live) -> None:
    """The last entry is from tomorrow."""
    live.rewrite(LAST, replace(live.entry(LAST), time=START + DAY))


@case("append", "the clock says")
def a_time_in_the_future_under_those_who_append(live: Live) -> None:
    """The same, and somebody appends."""
    live.rewrite(LAST, replace(live.entry(LAST), time=START + DAY))


@case("gate", "the clock says")
def a_clock_turned_back(live: Live) -> None:
    """The gate's clock is an hour behind the witnesses."""
    live.now -= 3600


@case("gate", "held as of")
def an_old_ledger_shown_as_new(live: Live) -> None:
    """Nothing was published for longer than the policy lets evidence be."""
    live.now += 8 * DAY


# envelopes


@case("ledger verify", "rewritten entry: the envelope of number 8")
def an_envelope_swapped(live: Live) -> None:
    """Two envelopes change places, the entries stay."""
    for old, new in ((8, 99), (9, 8), (99, 9)):
        live.sql("UPDATE envelopes SET number = ? WHERE number = ?", new, old)


@case("gate", "the envelope of entry 8 is another one")
def an_envelope_swapped_under_the_gate(live: Live) -> None:
    """The same, and the gate is asked."""
    for old, new in ((8, 99), (9, 8), (99, 9)):
        live.sql("UPDATE envelopes SET number = ? WHERE number = ?", new, old)


@case("ledger verify", "the envelope of entry 9 is missing")
def an_envelope_deleted(live: Live) -> None:
    """One envelope is deleted."""
    live.sql("DELETE FROM envelopes WHERE number = 9")


@case("passport export", "the envelope of entry 9 is missing")
def an_envelope_deleted_before_an_export(live: Live) -> None:
    """The same, and a passport is exported."""
    live.sql("DELETE FROM envelopes WHERE number = 9")


@case("ledger verify", "rewritten entry: the envelope of number 9")
def an_envelope_with_another_signature(live: Live) -> None:
    """One bit of a signature is flipped."""
    data = bytearray(live.envelope(SCAN))
    data[data.index(b'"sig":"') + 9] ^= 1
    live.sql("UPDATE envelopes SET data = ? WHERE number = 9", bytes(data))


@case("ledger verify", "rewritten entry: the envelope of number 9")
def an_envelope_written_differently(live: Live) -> None:
    """The same JSON with a space in it."""
    live.sql("UPDATE envelopes SET data = ? WHERE number = 9", live.envelope(SCAN).replace(b":", b": ", 1))


@case("ledger verify", "rewritten entry: number 9 holds no statement")
def an_envelope_that_is_not_canonical_and_its_entry(live: Live) -> None:
    """The same, and the entry names the digest of the bytes with the space."""
    data = live.envelope(SCAN).replace(b":", b": ", 1)
    live.rewrite(SCAN, replace(live.entry(SCAN), envelope=sha256(data)), data)


@case("ledger verify", "lying table: envelopes has 16 rows")
def an_envelope_more(live: Live) -> None:
    """An envelope without an entry is put in, for an entry that is to come."""
    live.sql("INSERT INTO envelopes VALUES (15, x'7b7d')")


@case("append", "UNIQUE constraint failed")
def an_envelope_in_the_place_of_one_that_is_to_come(live: Live) -> None:
    """The same, and somebody appends."""
    live.sql("INSERT INTO envelopes VALUES (15, x'7b7d')")


# tree and table


@case("ledger verify", "lying table: the stored tree is not that of entry 0")
def a_tree_hash_overwritten(live: Live) -> None:
    """A stored hash of the tree is overwritten."""
    live.sql("UPDATE nodes SET hash = zeroblob(32) WHERE position = 6")


@case("ledger prove", "does not lead to the root")
def a_tree_hash_overwritten_under_a_proof(live: Live) -> None:
    """The hash beside a scan's leaf is overwritten, and proofs are asked for."""
    live.sql("UPDATE nodes SET hash = zeroblob(32) WHERE position = 15")


@case("ledger prove", "missing tree hash")
def a_tree_hash_deleted(live: Live) -> None:
    """The hash beside a scan's leaf is deleted, and proofs are asked for."""
    live.sql("DELETE FROM nodes WHERE position = 15")


@case("publish", "lying table: the stored tree is not that of the entries")
def a_tree_of_other_entries(live: Live) -> None:
    """The hash over the first eight leaves is overwritten, and the ledger goes on and is published."""
    live.sql("UPDATE nodes SET hash = zeroblob(32) WHERE position = 14")
    live.append(good_scan(live.chain))


@case("ledger prove", "lying table: entry 13 does not speak of")
def a_mention_that_no_entry_makes(live: Live) -> None:
    """The table of who speaks of what says that an entry about something else is about the model."""
    live.sql("INSERT INTO about VALUES (?)", leaf(live.chain.subject.digest, LATER))


@case("ledger verify", "lying table: that of digests has 16 rows, the entries give 15")
def a_mention_that_no_entry_makes_in_a_ledger(live: Live) -> None:
    """The same, and the ledger is verified."""
    live.sql("INSERT INTO about VALUES (?)", leaf(live.chain.subject.digest, LATER))


# the file


@case("ledger verify", "is not a ledger")
def a_file_of_another_program(live: Live) -> None:
    """The mark in the file's header is another program's."""
    live.sql("PRAGMA application_id = 1")


@case("gate", "has the format 99")
def a_format_that_is_to_come(live: Live) -> None:
    """The file claims a later format, so that less of it would be read."""
    live.sql("PRAGMA user_version = 99")


@case("gate", "blobs: No such file or directory")
def a_format_that_is_over(live: Live) -> None:
    """The file claims the first format, which has its envelopes in a folder beside it."""
    live.sql("PRAGMA user_version = 1")


@case("ledger verify", "is not an intact SQLite database")
def a_page_overwritten(live: Live) -> None:
    """The first page of the table of entries is overwritten."""
    live.settle()
    page = live.root_page("entries")
    data = bytearray(live.database.read_bytes())
    data[4096 * (page - 1) : 4096 * page] = bytes([0x55]) * 4096
    live.database.write_bytes(data)


@case("ledger verify", "is not an intact SQLite database")
def a_file_cut(live: Live) -> None:
    """The file loses its second half."""
    live.settle()
    data = live.database.read_bytes()
    live.database.write_bytes(data[: len(data) // 2])


@case("ledger verify", "no such table: checkpoints")
def a_table_dropped(live: Live) -> None:
    """The table of checkpoints is dropped."""
    live.sql("DROP TABLE checkpoints")


@case("append", "has the trigger forget, which would act on what is written and read")
def a_trigger_that_deletes(live: Live) -> None:
    """A trigger deletes what is appended, in the transaction that appends it."""
    live.sql("CREATE TRIGGER forget AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE number = new.number; END")


@case("append", "has the table or index envelopes of another making")
def a_table_that_drops_what_is_put_in(live: Live) -> None:
    """The table of envelopes is made again so that it drops, without a word, each that has a number already."""
    live.sql("CREATE TABLE other (number INTEGER PRIMARY KEY ON CONFLICT IGNORE, data BLOB NOT NULL) STRICT")
    live.sql("INSERT INTO other SELECT * FROM envelopes")
    live.sql("DROP TABLE envelopes")
    live.sql("ALTER TABLE other RENAME TO envelopes")


@case("ledger verify", "has the table or index quick of another making")
def an_index_that_answers_for_a_table(live: Live) -> None:
    """An index over all columns of the entries is made, which the database would read in place of the table."""
    live.sql("CREATE INDEX quick ON entries (number, record, envelope)")


@case("publish", "lying table: that of digests covers -100000 entries")
def a_table_that_covers_less_than_nothing(live: Live) -> None:
    """The ledger says that its table of who speaks of what covers -100,000 entries, to be filled without an end."""
    live.sql("UPDATE listed SET size = -100000")


@case("ledger verify", "has the view shown, which would act on what is written and read")
def a_view_beside_a_table(live: Live) -> None:
    """A view that leaves an entry out stands beside the table, to be given its name."""
    live.sql("CREATE VIEW shown AS SELECT * FROM entries WHERE number <> 9")


# checkpoints


@case("ledger verify", "a published checkpoint does not hold")
def a_checkpoint_of_another_size(live: Live) -> None:
    """The newest checkpoint says that it is over fewer entries."""
    live.sql("UPDATE checkpoints SET note = replace(note, char(10) || '15' || char(10), char(10) || '14' || char(10))")


@case("gate", "the signature by key")
def a_checkpoint_of_another_size_under_the_gate(live: Live) -> None:
    """The same, and the gate is asked."""
    live.sql("UPDATE checkpoints SET note = replace(note, char(10) || '15' || char(10), char(10) || '14' || char(10))")


@case("ledger verify", "the witness has cosigned the first 15 entries, the newest checkpoint here covers 13")
def a_checkpoint_deleted(live: Live) -> None:
    """The newest checkpoint is deleted: a warning, since publishing that was interrupted leaves that behind too."""
    live.sql("DELETE FROM checkpoints WHERE size = 15")


@case("ledger verify", "rollback: the published checkpoints are not in the order of their sizes")
def checkpoints_out_of_order(live: Live) -> None:
    """An older checkpoint is put where the newest is looked for."""
    live.sql("UPDATE checkpoints SET sequence = -sequence")


@case("ledger verify", "0 trusted witnesses cosigned")
def a_checkpoint_without_its_witness(live: Live) -> None:
    """The witness's line is taken out of the newest checkpoint."""
    put_note(live, Note(live.note().text, live.note().signatures[:1]).format())


@case("gate", "0 trusted witnesses cosigned")
def a_checkpoint_without_its_witness_under_the_gate(live: Live) -> None:
    """The same, and the gate is asked."""
    put_note(live, Note(live.note().text, live.note().signatures[:1]).format())


@case("ledger verify", "the checkpoint is of the log example.org/elsewhere")
def a_checkpoint_of_another_log(live: Live) -> None:
    """A checkpoint of another log takes the place of the newest."""
    put_note(live, sign(Checkpoint("example.org/elsewhere", 15, b"r" * 32), live.chain.keys["log"]))


@case("ledger verify", "the log example.org/log has not signed the checkpoint")
def a_checkpoint_by_a_stranger(live: Live) -> None:
    """Somebody else signs a checkpoint in the log's name."""
    put_note(live, sign(Checkpoint(ORIGIN, 15, b"r" * 32), live.chain.keys["stranger"]))


@case("ledger verify", "fork: a published checkpoint has another root")
def a_checkpoint_of_another_tree(live: Live) -> None:
    """Who has the keys of log and witness signs a checkpoint of other entries, and it is stored."""
    put_note(live, live.chain.cosigned(sign(Checkpoint(ORIGIN, 15, b"r" * 32), live.chain.keys["log"])))


@case("ledger verify", "time ahead: entry")
def a_checkpoint_dated_back(live: Live) -> None:
    """The witness's thief cosigns the newest checkpoint with a time before its entries."""
    by_log = Note(live.note().text, live.note().signatures[:1]).format()
    put_note(live, live.chain.cosigned(by_log, time=START))


# older, swapped and forked ledgers


@case("ledger verify", "dropped tail: a published checkpoint covers 15 entries, the log has 13")
def a_tail_cut_off(live: Live) -> None:
    """The last two entries are deleted."""
    live.sql("DELETE FROM entries WHERE number >= 13")


@case("ledger verify", "dropped tail: what the witness remembers covers 15 entries, the log has 13")
def a_tail_cut_off_with_its_checkpoint(live: Live) -> None:
    """The last two entries are cut off with all that belongs to them."""
    live.cut(LATER)


@case("ledger verify", "dropped tail: the earlier checkpoint covers 15 entries, the log has 13")
def a_tail_cut_off_with_all_memory(live: Live) -> None:
    """The same, and the witness's memory is put back too; somebody has kept a checkpoint."""
    live.kept = live.note().format()
    live.cut(LATER)
    shutil.rmtree(live.witness)


@case("publish", "rollback: the witness has seen 15 entries, the log has 13")
def a_tail_cut_off_before_publishing(live: Live) -> None:
    """The last two entries are cut off, and the ledger is published."""
    live.cut(LATER)


@case("publish", "fork:")
def an_older_copy_put_back(live: Live) -> None:
    """The ledger is put back as it was before the last publication, goes on, and is published."""
    live.cut(LATER)
    for number in range(3):
        live.append(good_scan(live.chain, year=2031 + number))


@case("ledger verify", "dropped tail: what the witness remembers covers 18 entries, the log has 15")
def an_older_file_put_back(live: Live) -> None:
    """A copy of the file from yesterday takes the place of today's: a failing scan is gone with it."""
    older = live.copy("older")
    live.append(failing_scan(live.chain), revocation(live.chain))
    live.publish()
    live.take_from(older)


@case("ledger verify", "fork: what the witness remembers has another root")
def a_ledger_rewritten_from_the_start(live: Live) -> None:
    """Who has all keys makes another ledger of the same size; the witness keeps its memory."""
    live.take_from(rewritten(live))


@case("publish", "fork:")
def a_ledger_rewritten_before_publishing(live: Live) -> None:
    """The same, and the ledger is published."""
    live.take_from(rewritten(live))
    live.append(failing_scan(live.chain))


@case("gate", "root version 1 is not the one that the root file names")
def a_ledger_of_strangers(live: Live) -> None:
    """The ledger of another company takes the place of ours."""
    live.take_from(of_strangers(live))


@case("ledger verify", "no trusted key has the id")
def a_ledger_of_strangers_to_verify(live: Live) -> None:
    """The same, and the ledger is verified."""
    live.take_from(of_strangers(live))


@case("gate", "the trust file (")
def a_ledger_of_strangers_with_the_root_to_match(live: Live) -> None:
    """The same, and `root.pub` is replaced by theirs; the reader's own trust file stays."""
    theirs = of_strangers(live)
    live.take_from(theirs)
    live.root = theirs.root


@case("gate", "root version 1 is not the one that the root file names")
def a_root_file_replaced(live: Live) -> None:
    """`root.pub` is replaced by a stranger's."""
    live.root = RootKeys(1, (keys(1)["root"].public,))


@case("gate", "root version 1 is not the one that the root file names")
def a_root_file_with_another_threshold(live: Live) -> None:
    """`root.pub` names a second key of which one is enough."""
    live.root = RootKeys(1, (*live.root.keys, keys(1)["root"].public))


@case("gate", "the trust file (")
def a_trust_file_edited(live: Live) -> None:
    """A grant is added to the trust file."""
    live.trust = live.chain.trust_with(live.chain.grant("producer", MODEL_SCAN, "model/tumour"))


@case("gate", "denied: policy.approved")
def a_policy_file_edited(live: Live) -> None:
    """A requirement is taken out of the policy file."""
    live.policy = Policy.of(policy_data(require=policy_data()["gates"]["load"]["require"][:2], distinct_signers=[]))


@case("ledger restore", "fork: the copy and the ledger have different entries")
def a_backup_of_another_history(live: Live) -> None:
    """A backup is replaced by one of another history, and compared with the ledger before it is put back."""
    shutil.rmtree(live.witness)
    live.backup = rewritten(live).database


@case("ledger restore", "lacks 3 entries")
def an_older_backup(live: Live) -> None:
    """A backup from before a failing scan is put back."""
    live.backup = live.copy("older").database
    live.append(failing_scan(live.chain), revocation(live.chain))
    live.publish()


# the witness


@case("witness", "fork:")
def a_split_view(live: Live) -> None:
    """The log shows the witness one history, and later another that is longer."""
    other = rewritten(live)
    other.append(failing_scan(live.chain))
    other.index_by_hand()
    with other.open() as log:
        proof = tuple(log.tree().consistency_proof(15))
    ask(live, Request(15, proof, other.signed(17)), log=other.log)


@case("witness", "rollback: from 15 entries to 13")
def a_shorter_history_shown_to_the_witness(live: Live) -> None:
    """The log asks the witness to sign a checkpoint of fewer entries than it has signed."""
    ask(live, Request(15, (), live.signed(13)))


@case("witness", "fork:")
def another_history_of_one_size(live: Live) -> None:
    """The log asks the witness to sign another root at the size that it has signed."""
    ask(live, Request(15, (), sign(Checkpoint(ORIGIN, 15, b"r" * 32), live.chain.keys["log"])))


@case("witness", "fork:")
def a_consistency_proof_made_up(live: Live) -> None:
    """The proof that the new tree contains the old one is of other hashes."""
    live.append(failing_scan(live.chain))
    live.index_by_hand()
    ask(live, Request(15, (b"x" * 32, b"y" * 32, b"z" * 32), live.signed(17)))


@case("witness", "unknown log: example.org/elsewhere")
def another_log_shown_to_the_witness(live: Live) -> None:
    """The witness is asked about a log that it does not know."""
    ask(live, Request(15, (), sign(Checkpoint("example.org/elsewhere", 15, b"r" * 32), live.chain.keys["log"])))


@case("witness", "unknown log: the checkpoint is not signed by")
def a_strangers_checkpoint_shown_to_the_witness(live: Live) -> None:
    """A stranger asks the witness in the log's name."""
    ask(live, Request(15, (), sign(Checkpoint(ORIGIN, 15, b"r" * 32), live.chain.keys["stranger"])))


@case("witness", "lying index: entry 16")
def an_index_that_leaves_a_scan_out(live: Live) -> None:
    """The log signs an index without the failing scan, and asks the witness."""
    live.append(failing_scan(live.chain))
    live.index_by_hand(leave_out=15)
    ask_for_all(live)


@case("witness", "wrong distance: entry 15 is no index statement")
def a_checkpoint_without_an_index(live: Live) -> None:
    """The log asks for a checkpoint over an entry that no index covers."""
    live.append(failing_scan(live.chain))
    ask_for_all(live)


@case("witness", "wrong distance: the index statement of entry 16 is over another size")
def a_stale_index_shown_to_the_witness(live: Live) -> None:
    """The log logs its older index again, under a new signature, and asks the witness."""
    live.append(failing_scan(live.chain))
    live.index_by_hand(size=15)
    ask_for_all(live)


@case("witness", "rewritten entry: number 15 has another id or subjects")
def a_subject_hidden_from_the_witness(live: Live) -> None:
    """The log's entry of a failing scan hides the model; index and tree are made of what is left."""
    live.append(failing_scan(live.chain))
    live.rewrite(15, replace(live.entry(15), subjects=(str(sha256(b"another")),)))
    live.index_by_hand()
    ask_for_all(live)


@case("witness", "time ahead: the last entry claims")
def a_time_in_the_future_shown_to_the_witness(live: Live) -> None:
    """The log dates its last entry into the future, and asks the witness."""
    live.append(failing_scan(live.chain))
    live.index_by_hand(time=START + DAY)
    ask_for_all(live)


@case("publish", "the checkpoint is not published: the signature by key")
def a_witness_whose_memory_was_edited(live: Live) -> None:
    """The size in the witness's memory is edited, so that it would sign a fork."""
    memory = live.witness / "witness.sqlite"
    live.sql(
        "UPDATE heads SET note = replace(note, char(10) || '15' || char(10), char(10) || '13' || char(10))",
        file=memory,
    )
    live.append(failing_scan(live.chain))


@case("publish", "the witness's state is of the log")
def a_witness_whose_memory_is_of_another_log(live: Live) -> None:
    """The witness's memory of another log is filed under this one's name."""
    other = sign(Checkpoint("example.org/elsewhere", 15, b"r" * 32), live.chain.keys["log"])
    live.sql("UPDATE heads SET note = ?", live.chain.cosigned(other), file=live.witness / "witness.sqlite")
    live.append(failing_scan(live.chain))


# hands


def good_scan(chain: Chain, *, year: int = 2030) -> Envelope:
    return another_scan(chain, validUntil=f"{year}-01-01T00:00:00Z")


def failing_scan(chain: Chain) -> Envelope:
    return another_scan(chain, result="fail", findings=[HIGH])


def revocation(chain: Chain) -> Envelope:
    digest = chain.subject.digest
    thing = Named(f"digest/{digest}", (digest,))
    return chain.say("approver", REVOCATION.type, thing, {"reason": "stolen"}, log=False)


def newer_trust(live: Live) -> Envelope:
    made = live.chain.make_trust(without=frozenset([("scanner", "model-scan")]), version=2)
    return live.chain.say("root", TRUST.type, live.chain.realm, made, log=False)


def forget(live: Live, number: int) -> None:
    """Let the table of who speaks of what forget an entry."""
    live.sql("DELETE FROM about WHERE substr(leaf, -8) = ?", number.to_bytes(8, "big"))


def put_in(live: Live, envelope: Envelope) -> None:
    """Put a statement in at the end, whoever signed it, and all tables as it gives them."""
    data = dsse.encode_envelope(envelope)
    with live.open() as log:
        number, time = log.size, log.entry(log.size - 1).time
    entry = entry_for(data, envelope, dsse.decode_statement(envelope.payload), time)
    live.sql("INSERT INTO entries VALUES (?, ?, ?)", number, entry.encode(), str(entry.envelope))
    live.sql("INSERT INTO envelopes VALUES (?, ?)", number, data)
    live.rebuild()


def put_note(live: Live, text: str) -> None:
    live.sql("UPDATE checkpoints SET note = ? WHERE size = 15", text)


def rewritten(live: Live) -> Live:
    """Return another ledger by the same keys, whose data set came before the scan."""
    folder = live.folder / "rewritten"
    folder.mkdir()
    chain = Chain().found()
    chain.inputs()
    chain.provenance()
    chain.evaluation(recall=0.99)
    chain.scan()
    chain.artefact()
    return build(folder, chain)


def of_strangers(live: Live) -> Live:
    folder = live.folder / "strangers"
    folder.mkdir()
    return build(folder, Chain(keys=keys(1)).good())


def ask(live: Live, request: Request, *, log: Path | None = None) -> None:
    live.ask_witness(request.encode(), log=log)


def ask_for_all(live: Live) -> None:
    """Ask the witness to sign a checkpoint of all entries, with the true proof from what it has signed."""
    with live.open() as log:
        size, proof = log.size, tuple(log.tree().consistency_proof(15))
    ask(live, Request(15, proof, live.signed(size)))
