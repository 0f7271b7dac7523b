"""Mutants that do what the original does, so that no test can tell them apart: by name, each with its reason."""

_CHOICE = "how much it is, is a choice, not a promise; that there is an end is tested"
_CLOCK = "the clock is past 1"
_SPEED = "only how fast it is, or how much is in memory, changes"

# Those that live although a test could tell, each with why there is none.
ALIVE: dict[str, str] = {
    "ledger/stretch::: serve(begin) → pass": "it is the main program of a child, which runs the code as it was",
}

EQUIVALENT: dict[str, str] = {
    "policy/bearing::_told.order: 0 → 1 #2": "the entry 0 of a log is its root, which bears nothing",
    "policy/policy::_check_requirement: 0 → 1": "of no ceilings at all the least is asked whether it is below 0",
    "evidence/deployments::what_runs: 0 → 1": "the entry 0 of a log is its root, which says of nothing that it runs",
    "evidence/next_trust::ended: parse_instant(grant['notAfter']) <= at → parse_instant(grant['notAfter']) < at": (
        "a grant that ends just then is made to end just then"
    ),
    "evidence/trust_draft::sign: True → False": "what is signed has one envelope for each statement",
    "gate/ask::unpublished: 0 → 1": "the time of what can only deny is not asked",
    (
        "gate/decide::_ends: now <= (end := parse_instant(one.predicate['validUntil'])) < until → "
        "now <= (end := parse_instant(one.predicate['validUntil'])) <= until"
    ): "what ends then would end the permit then, when it ends anyway",
    "gate/keep::: 10 → 11": _CHOICE,
    "gate/keep::Kept.__init__: 0 → 1 #1": _CLOCK,
    "gate/keep::Kept.renew: 0 → 1": "of a place in the log, both members are nothing or both are something",
    "gate/keep::Kept.renew: 0 → 1 #1": _CLOCK,
    "gate/remembered::_trust_of: 0 → 1": "the time of a root is not asked",
    "gate/remembered::_trust_of: 0 → 1 #1": "the time of a trust is not asked",
    "ledger/anchor::: 1000 → 1001": _CHOICE,
    "ledger/anchor::: 1000 → 1001 #1": _SPEED,
    "ledger/anchor::_prove: 0 → 1": "a lock that is no lock, but words, is refused whenever it ends",
    "ledger/appender::: 0.002 → 1.002": _SPEED,
    "ledger/appender::: 1000 → 1001": _SPEED,
    "ledger/appender::Appender.__init__: True → False #1": "whether the thread ends with the program, which closes it",
    "ledger/appender::Appender.append: 0 → 1": "the time of what is admitted, which the group's replaces",
    "ledger/appender::Appender._run: self._refuse_all() → pass": "before the constructor returns nobody waits",
    "ledger/appender::_commit: True → False": "both lists have one element for each who asked",
    "ledger/appender::Appender._gather: return [] → return None": "both say that there is no group",
    "ledger/appender::Appender._gather: 0.0 → 1.0": _SPEED,
    "ledger/copies::: 1000 → 1001": _SPEED,
    "ledger/copies::copy: 8 → 9": _CHOICE,
    "ledger/copies::_rows: 53 → 54": "no row has a number so far below all",
    "ledger/edges::: 100000 → 100001": _CHOICE,
    "ledger/edges::: 1000 → 1001": _SPEED,
    "ledger/edges::Edges._known: 0 → 1 #3": "the entry 0 of a log is its root, which rests on nothing",
    "ledger/edges::Edges._add: len(said.effects) > 1 → len(said.effects) >= 1": "one row more says the same",
    "ledger/edges::Edges._entry: 0 <= value <= MAX_NUMBER → 0 < value <= MAX_NUMBER": (
        "the entry 0 of a log is its root, which rests on nothing"
    ),
    "ledger/edges::Edges._entry: 0 <= value <= MAX_NUMBER → 0 <= value < MAX_NUMBER": "no log is that long",
    "ledger/edges::Edges._entry: 0 → 1": "the entry 0 of a log is its root, which rests on nothing",
    "ledger/listed::: 32 → 33": _CHOICE,
    "ledger/edges::Edges.open: edges._database.close() → pass": "it is closed when nobody holds it any more",
    "ledger/edges::Edges.above: _check_walked(digest, below) → pass": "the other loop asks it again",
    "ledger/edges::Edges._known: 0 → 1": "a table of nothing, or of one entry, is made again, and is the same",
    "ledger/edges::Edges._known: 0 → 1 #2": "a table of one entry is made again, and is the same",
    "ledger/edges::Edges._known: 0 < size <= log.size → 0 <= size <= log.size": "a table of nothing was met before",
    "ledger/index::: 10000 → 10001": _SPEED,
    "ledger/index::Range._check_left: self.left.leaf >= _prefix(self.digest) → self.left.leaf > _prefix(self.digest)": (
        "a leaf is longer than a prefix, as was asked before"
    ),
    "ledger/index::Range._check_right: self.right.leaf <= prefix → self.right.leaf < prefix": (
        "a leaf is longer than a prefix, as was asked before"
    ),
    "ledger/merkle::: 1 → 2 #1": _SPEED,
    "ledger/merkle::: 12 → 13": _SPEED,
    "ledger/merkle::Tree.__init__: len(level) > 1 → len(level) >= 1": "one more level, which is empty",
    "gate/prove::: 100000 → 100001": _CHOICE,
    "gate/prove::closure: read.add(digest) → pass": _SPEED,
    "gate/prove::closure: walked.add(entry) → pass": _SPEED,
    "gate/prove::closure: met.update(made_from) → pass": _SPEED,
    "ledger/publish::publish: True → False": "the note was put together of trusted lines in their order",
    (
        "ledger/publish::publish: raise Unavailable(\"the witnesses' clocks are behind the log's last entry\", "
        "'correct the clocks; publish again') → pass"
    ): "each line was asked for its time before",
    "ledger/publish::_gather: True → False": "both lists have one element for each witness",
    "ledger/publish::_gather: True → False #1": "both lists have one element for each witness",
    "ledger/publish::_ask: len(asked) < 2 → len(asked) <= 2": _SPEED,
    "ledger/publish::_ask: 2 → 3": _SPEED,
    "ledger/publish::_with_index: replay.read(log.leaves(), until=size) → pass": _SPEED,
    "ledger/publish::_is_index: return False → return None": "both say no",
    "ledger/publish::_is_index: return False → return None #1": "both say no",
    "ledger/witness::Witness.fetch: True → False": "it was opened for writing just before",
    "ledger/witness::read_head: False → True": "what is only read is not made",
    "ledger/witness::read_head: database.close() → pass": "it is closed when nobody holds it any more",
    "ledger/filed::: 500 → 501": _SPEED,
    "ledger/filed::: 10000 → 10001": _SPEED,
    "ledger/filed::_total: 1 → 2": _SPEED,
    "ledger/filed::_total: True → False": "each row has four columns",
    "ledger/filed::_number: 8 → 9": _CHOICE,
    "ledger/log::Log.create: log.close() → pass": "it is closed when nobody holds it any more",
    "ledger/log::Log.open_file: log.close() → pass": "it is closed when nobody holds it any more",
    (
        "gate/prove::newest_policies: place[:2] > newest[policy.name][:2] → place[:2] >= newest[policy.name][:2]"
    ): "no two policies have one version and one entry",
    "gate/prove::newest_policies: 0 → 1": "the entry 0 of a log is its root",
    "gate/prove::newest_policies: 0 → 1 #1": "the entry 0 of a log is its root",
    "gate/prove::newest_policies: 2 → 3": "no two policies have one version and one entry",
    "gate/prove::newest_policies: 2 → 3 #1": "no two policies have one version and one entry",
    "gate/prove::_check_inclusion: 0 → 1": "a log of the first second of 1970",
    "ledger/add_checkpoint::: 1000 → 1001": _SPEED,
    "ledger/add_checkpoint::check_log: True → False": "there are as many leaves as envelopes behind the first",
    "ledger/add_checkpoint::time_of: 0 → 1": "the time of a head that there is not, beside a clock that is past 1",
    "ledger/add_checkpoint::time_of: 0 → 1 #1": "the least time of nobody, beside a clock that is past 1",
    "ledger/log::Log.index_totals: 0 → 1": "nobody asks for the totals of no size",
    "ledger/log::Log.envelopes: True → False": "both lists have one element for each entry",
    "ledger/log::Log._listed: True → False": "both lists have one element for each leaf",
    "ledger/log::Log.listed: 0 → 1": "a ledger of the first format is not asked by that table",
    "ledger/outbox::Outbox.__init__: self._database.close() → pass": "it is closed when nobody holds it any more",
    "ledger/outbox::Outbox.waiting: 1 → 2": "a number below 0 is no bound, whichever it is",
    "ledger/outbox::Outbox.drop: 0 < number < _TOO_LARGE → 0 <= number < _TOO_LARGE": "its numbers begin with 1",
    "ledger/outbox::Outbox.deliver: True → False": "the client asks whether there are as many entries as envelopes",
    "ledger/outbox::_group: break → continue": "what comes later fits even less",
    "ledger/remote_witness::: 300 → 301": _CHOICE,
    "ledger/replay::: 1000 → 1001": _SPEED,
    "ledger/replay::leads_to: len(time) <= _TIME_DIGITS → len(time) < _TIME_DIGITS": "the long way says the same",
    "ledger/replay::leads_to: len(record) <= MAX_ENTRY_BYTES → len(record) < MAX_ENTRY_BYTES": (
        "the long way says the same"
    ),
    "ledger/mirror::pairs_in: True → False": "there are as many records as envelopes, as was asked before",
    "ledger/nodes::: 500 → 501": _SPEED,
    "ledger/rows::: 1000 → 1001": _SPEED,
    "ledger/tail::Tail.__init__: 0 → 1": "nothing was read yet, whatever is said",
    "ledger/tail::Tail.about: end < self._end → end <= self._end": _SPEED,
    "ledger/audit::: 4 → 5": _CHOICE,
    "ledger/audit::: 1000 → 1001": _SPEED,
    "ledger/audit::audit: 1 → 2": _SPEED,
    "ledger/audit::_audit: True → False": "both lists have one element for each checkpoint",
    "ledger/audit::_check_indexes: True → False": "both lists have one element for each index",
    "ledger/backup::check_copy: 1 → 2": _SPEED,
    "ledger/envelopes::: 32 → 33": _SPEED,
    "ledger/envelopes::: 20 → 21": _SPEED,
    "ledger/envelopes::portions: (whole or 0) <= _BYTES_AT_ONCE → (whole or 0) < _BYTES_AT_ONCE": _SPEED,
    "ledger/envelopes::portions: 0 → 1": "both are less than a portion",
    "ledger/envelopes::portions: True → False #1": "the length of bytes is known without reading them",
    "ledger/envelopes::: 32 << 20 → 32 >> 20": _SPEED,
    "ledger/schema::listed_leaves: 1 → 2": _SPEED,
    "ledger/schema::fill: list_subjects(database) → pass": _SPEED,
    "ledger/schema::: 1000 → 1001": _SPEED,
    "ledger/schema::: 10000 → 10001": _SPEED,
    "ledger/schema::: 50000 → 50001": _SPEED,
    "ledger/served::: 1000000 → 1000001": _CHOICE,
    "ledger/served::: 256 → 257": _CHOICE,
    "ledger/served::: 20 → 21": _CHOICE,
    "ledger/served::: 8 → 9": _CHOICE,
    "ledger/served::: 30 → 31": _CHOICE,
    "ledger/served::: 60.0 → 61.0": _CHOICE,
    "ledger/served::: 600.0 → 601.0": _CHOICE,
    "ledger/served::ServedLog.refresh: True → False": "what is only read is not made",
    (
        "ledger/served::_fetch: clock.stopwatch() - begun > _FETCH_SECONDS → "
        "clock.stopwatch() - begun >= _FETCH_SECONDS"
    ): _CHOICE,
    "ledger/served::ServedLog.append_many: True → False": (
        "the client asks whether there are as many entries as envelopes"
    ),
    "ledger/served::_fetch: 0 → 1 #1": "a log of the first second of 1970",
    "ledger/served::_fetch: signed < copy.size < until → signed < copy.size <= until": (
        "where nothing is fetched nothing is counted"
    ),
    "ledger/served::_fetch: signed < copy.size < until → signed <= copy.size < until": (
        "from an entry to itself there are no bytes"
    ),
    "ledger/service_client::: 5 → 6": _CHOICE,
    "ledger/service_client::: 64 → 65": _CHOICE,
    "ledger/service_client::: 30 → 31": _CHOICE,
    "ledger/service_client::: 30 → 31 #1": _CHOICE,
    "ledger/service_client::: 120 → 121": _CHOICE,
    "ledger/service_client::: 4 → 5": _CHOICE,
    "ledger/service_client::: 20 → 21 #1": _CHOICE,
    "ledger/service_client::_are_entries: True → False": "both lists are as long, as was asked just before",
    "ledger/service_file::_has_host: return False → return None": "both say no",
    "ledger/share::: 1 → 2": _SPEED,
    "ledger/share::: 13 → 14": _SPEED,
    "ledger/share::: 2048 → 2049": _SPEED,
    "ledger/share::: 3600.0 → 3601.0": _CHOICE,
    "ledger/share::: 64 → 65": _SPEED,
    "ledger/share::: 64 → 65 #1": _SPEED,
    "ledger/share::: 4 → 5": _SPEED,
    "ledger/share::: 64 → 65 #2": _SPEED,
    "ledger/share::Share.stretches: self._size * _ROW_BYTES → self._size // _ROW_BYTES": _SPEED,
    "ledger/share::Share.stretches: STRETCH * _ENTRY_BYTES → STRETCH // _ENTRY_BYTES": _SPEED,
    "ledger/share::Share.index_totals: self._size * _ROW_BYTES → self._size // _ROW_BYTES": _SPEED,
    "ledger/share::Share.index_totals: True → False": "there are as many totals as sizes",
    (
        "ledger/share::Share._groups: min(max(-(-len(sizes) // self._jobs), _FEW), _MANY) → "
        "max(max(-(-len(sizes) // self._jobs), _FEW), _MANY)"
    ): _SPEED,
    "ledger/share::Share._groups: -len(sizes) // self._jobs → -len(sizes) * self._jobs": _SPEED,
    "ledger/share::Share._hear: True → False": "there are as many answers as tasks",
    "ledger/stretch::: 1024 → 1025": _SPEED,
    "ledger/stretch::begin: gc.disable() → pass": _SPEED,
    "ledger/stretch::_read_quickly: True → False": "an envelope that is missing is told before it",
    "ledger/stretch::_read_quickly: return seen → return None": _SPEED,
    "ledger/stretch::_read_quickly: start + len(records) → start - len(records)": _SPEED,
    "ledger/witness_http::: 10.0 → 11.0": _CHOICE,
    "ledger/schema::list_subjects: 2 ** 53 → 2 * 53": "what is not listed yet is found all the same, and listed later",
    "ledger/schema::list_subjects: 53 → 54": "no entry has such a number",
    "ledger/schema::records: 53 → 54": "no entry has such a number",
    "ledger/schema::records: 53 → 54 #1": "no row has a number so far below all",
    (
        "ledger/tile_folder::_drop_partial: path.is_dir() and (not path.is_symlink()) → "
        "path.is_dir() or not path.is_symlink()"
    ): "what removes a folder leaves a link, and what is no folder",
    "ledger/tiles::Published.tiles: 1 → 2": "no log is so long that it has a hash of level 64",
    "ledger/tiles::Tile.parse: 0 → 1": "both are levels that there are",
    "evidence/predicates::is_recorded_answer: return False → return None": "both say no",
    "ledger/entry::claims_in: len(record) <= MAX_ENTRY_BYTES → len(record) < MAX_ENTRY_BYTES": (
        "the long way says the same"
    ),
    "ledger/entry::claims_in: len(subjects) <= MAX_SUBJECTS → len(subjects) < MAX_SUBJECTS": (
        "the long way says the same"
    ),
    "ledger/schema::list_subjects: leaves.sort() → pass": _SPEED,
    "evidence/shape::schema_of: return '' → return None": "neither is a schema",
    "gate/resolve::_newest: 0 → 1": "the entry 0 of a log is its root",
    "gate/standing::: 16 → 17": _CHOICE,
    "gate/standing::standing: 2 → 3": "no two trusts have one version and one entry",
    "ledger/schema::list_in_pieces: min(end, start + _LISTED_AT_ONCE) → max(end, start + _LISTED_AT_ONCE)": (
        "what is listed before it is published is left out by whoever asks"
    ),
    "ledger/schema::are_ordered: return False → return None": "both say no",
}
