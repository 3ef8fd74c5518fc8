"""The arrays that kernels share, bundled by what they are: rules, world, outputs.

Shapes use D districts, C channels, B act slots, W wish slots, S places in the state arrays. A citizen's
place (`slot`) is the district's first slot plus the rank; districts begin on whole neighbourhoods.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Rules(NamedTuple):
    """The scheme as it stands on one day, in integers (see `rules.compile`)."""

    p: np.ndarray  # int64[N_PARAMETERS]
    act_bounds: np.ndarray  # int64[B]        running sums of slot widths, of 2^32
    act_guide: np.ndarray  # int64[total >> GUIDE_SHIFT, +1]  first slot that a draw of that bin can fall in
    act_factors: np.ndarray  # int32[B, N_FACTORS]  1/256
    act: np.ndarray  # int64[B, N_ACT]
    wish_bounds: np.ndarray  # int64[W]
    wish_guide: np.ndarray  # int64[total >> GUIDE_SHIFT, +1]
    wish_factors: np.ndarray  # int32[W, N_FACTORS]
    wish: np.ndarray  # int64[W, N_WISH_FIELDS]
    channels: np.ndarray  # int64[C, N_CHANNEL_FIELDS]
    coverage: np.ndarray  # int64[D, C]       of 65536
    enrolment: np.ndarray  # int64[D, 9]       chance of a pilot neighbourhood, then of an account by trust, of 2^32
    targets: np.ndarray  # int64[16 * 8 * 8]  expression aimed at, by risk / 16, boldness and dissent
    keys: np.ndarray  # uint64[N_STREAMS]     keys of the day; that of COMPOSITE is its period's
    set_up_keys: np.ndarray  # uint64[N_STREAMS]  keys of day 0, for draws that hold for good
    public: np.ndarray  # int64[D]            share sanctioned at the last weekly phase, of 65536
    turnout: np.ndarray  # int64[D]           share that joined a protest then, of 65536
    climate: np.ndarray  # int64[D]           mean expression then, of 65536


class World(NamedTuple):
    """The citizens' state (see `columns.STATE`) and where they live."""

    traits: np.ndarray  # uint16[S]
    own: np.ndarray  # int16[S]     points
    false_points: np.ndarray  # int16[S]     points
    association: np.ndarray  # int8[S]      points
    status: np.ndarray  # uint8[S]
    note: np.ndarray  # uint8[S]
    listed_weeks: np.ndarray  # uint8[S]     weeks
    risk: np.ndarray  # uint8[S]     1/255
    inner: np.ndarray  # uint8[S]
    private: np.ndarray  # uint8[S]     steps
    fate: np.ndarray  # uint8[S]
    page_district: np.ndarray  # int32[pages]
    district_slot: np.ndarray  # int64[D]     first slot
    district_n: np.ndarray  # int64[D]     citizens
    friends: np.ndarray  # int32[1 + 2 L]  pattern of the circle
    street: np.ndarray  # int32[1 + 2 L]
    work: np.ndarray  # int32[1 + 2 L]
    chat: np.ndarray  # int32[1 + 2 L]


class FirmRules(NamedTuple):
    """How the scheme treats firms on one day (see `rules.firms`)."""

    p: np.ndarray  # int64[N_FIRM_PARAMETERS]
    conduct: np.ndarray  # int64[kinds, N_FIRM_CONDUCT]
    occasions: np.ndarray  # int64[kinds, N_FIRM_OCCASION]


class Firms(NamedTuple):
    """The state of firms (see `columns.FIRM_STATE`), and how they are cut out of the work circle's positions."""

    firm_score: np.ndarray  # int16[F]  points
    firm_weeks: np.ndarray  # uint8[F]  weeks
    firm_note: np.ndarray  # uint8[F]
    first: np.ndarray  # int64[D + 1]  first firm of each district; 0 throughout where nobody scores firms
    pattern: np.ndarray  # int32[1 + 2 L]


class Out(NamedTuple):
    """What one worker writes in a phase."""

    entries: np.ndarray  # uint64[cap]   entries that arrive today
    late: np.ndarray  # uint64[cap]   entries that arrive later
    late_day: np.ndarray  # int32[cap]    day on which they arrive
    rows: np.ndarray  # int64[cap, 8] event rows of watched citizens
    counts: np.ndarray  # int64[3]      entries, late entries, rows written so far
    tally: np.ndarray  # int64[D, N_GROUPS, N_FLOWS]
    truth: np.ndarray  # int64[D, B, N_TRUTH]
    watch: np.ndarray  # int32[..], see `engine.panel.watch_table`; empty when nobody is watched
    words: np.ndarray  # uint64[PAGE / 4]  scratch
    lanes: np.ndarray  # uint16[PAGE]      the same memory, in 16-bit lanes, lowest first
    chosen: np.ndarray  # int64[PAGE]       scratch
    likely: np.ndarray  # int64[PAGE]       scratch


N_ENTRIES, N_LATE, N_ROWS = range(3)
