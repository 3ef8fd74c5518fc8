"""Outcomes once more, in SQL and from a run's files alone: nothing is shared with the code that made them but the files' columns.

The world has notice, appeal and reasons, stronger friends and cameras that err, so that no figure is trivial.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from glasscity import jobs
from glasscity.rules.resolve import resolve

CHANGES = {
    "articles.friends.value": 0.2, "articles.class_b.sanctioned": True, "articles.class_c.sanctioned": True,
    "articles.notice.enabled": True, "articles.notice.value": 0.5, "articles.notice.from": "2020-06-25", "articles.appeal.enabled": True, "articles.reasons.enabled": True,
    "articles.street_camera.wrong_match": 0.03, "articles.crossing_camera.wrong_match": 0.03,
}  # fmt: skip
SIZE = {"citizens": 3000, "days": 200, "seed": 4}
FALSE = "('wrong_person', 'false_alarm', 'false_report')"

# what the queries share: acts with their worth, records to one's cost, and the scheme's tables
VIEWS = """
create view m as select * from '{0}/panel_members.parquet';
create view w as select * from '{0}/panel_weeks.parquet';
create view full_week as select * from w where (day + 1) % 7 = 0;
create view e as select * from '{0}/panel_events.parquet';
create view act as select e.citizen, e.day, e.what, coalesce(s.points, 0) as worth, s.lists, s.kind
  from e join conduct s on e.what = s.conduct where e.phase = 'conduct';
create view charge as select e.*, d.domain from e join conduct s on e.what = s.conduct join channel d on e.channel = d.channel
  where e.phase = 'record' and e.kind in ('right', 'wrong_person', 'false_alarm', 'false_report') and (e.points < 0 or s.lists);
create view refusal as select e.*, wish.domain from e join wish on e.what = wish.wish where e.phase = 'consequence' and e.kind = 'refused';
"""

QUERIES = {
    "points_through_others_share": """
        select a.x / (a.x + b.y) from
        (select (select sum(greatest(0, -association)) from m)
              - (select coalesce(sum(points), 0) from e where phase = 'record' and kind = 'employer') as x) a,
        (select -sum(least(points, 0)) as y from charge) b""",
    "expression_a_year": """
        select ((select count(*) from act where kind = 'expression')
              + (select count(*) from e join wish on e.what = wish.wish where e.phase = 'consequence' and wish.expression))
              / ((select count(*) from m) * 200 / 365.0)""",
    "unseen_prosocial_a_year": """
        select ((select count(*) from act where kind = 'prosocial')
              - (select count(*) from e join conduct s on e.what = s.conduct
                 where phase = 'observe' and s.kind = 'prosocial' and e.kind in ('right', 'wrong_person')))
              / ((select count(*) from m) * 200 / 365.0)""",
    "goodhart_gap": """
        with x as (select m.citizen, m.standing, coalesce(sum(act.worth), 0) as truth from m left join act using (citizen) group by all),
             r as (select rank() over (order by standing) + (count(*) over (partition by standing) - 1) / 2.0 as a,
                          rank() over (order by truth) + (count(*) over (partition by truth) - 1) / 2.0 as b from x)
        select 1 - corr(a, b) from r""",
    "notified_share": """
        select count(distinct citizen) filter (followed like '%notified%') / count(distinct citizen) from charge""",
    "never_told_share": """
        select count(distinct charge.citizen) filter (not m.knows) / count(distinct charge.citizen) from charge join m using (citizen)""",
    "notice_delay": """
        with first as (select citizen, min(day) as day from charge group by 1),
             learned as (select citizen, min(day) as day from (select citizen, day from charge where followed like '%notified%'
                         union all select citizen, day from refusal) group by 1)
        select median(greatest(0, learned.day - first.day)) from first join learned using (citizen)""",
    "reason_coverage": """
        with fall as (select citizen, arg_min(day, rank) as day, arg_min(points, rank) as standing from
                        (select *, row_number() over () as rank from e where phase = 'stand') where points < 950 group by 1),
             told as (select c.citizen, sum(case when c.day <= fall.day then -c.points else 0 end) as regained,
                        bool_or(s.lists) as onto, any_value(fall.standing) as standing
                      from charge c join conduct s on c.what = s.conduct left join fall using (citizen) where followed like '%notified%' group by 1)
        select count(*) filter (told.onto or told.standing + told.regained >= 950) / count(*)
        from m left join told using (citizen) where m.sanctioned""",
    "error_life": f"""
        select (select sum(greatest(0, -false_points)) from full_week) / (select -sum(least(points, 0)) from charge where kind in {FALSE})""",
    "error_left": f"""
        with lost as (select citizen, -sum(least(points, 0)) as x from charge where kind in {FALSE} group by 1)
        select sum(least(x, greatest(0, -w.false_points))) / sum(x) from lost join w using (citizen) where w.day = (select max(day) from w)""",
    "context_transfer": """
        with ground as (select c.citizen, c.day, c.domain,
                          case when s.lists then (select max(-points) from conduct) else -least(c.points, 0) end as weight
                        from charge c join conduct s on c.what = s.conduct),
             r as (select row_number() over () as id, * from refusal),
             inside as (select r.id, sum(weight) filter (ground.domain = r.domain) / greatest(1, sum(weight)) as share
                        from r join ground on r.citizen = ground.citizen and ground.day <= r.day group by 1)
        select 1 - coalesce((select sum(share) from inside), 0) / (select count(*) from r)""",
    "spillover_domains": """
        select (select count(*) from (select distinct r.citizen, r.domain from refusal r join m using (citizen) where m.sanctioned))
             / (select count(*) from m where sanctioned)""",
    "spillover_children": "select avg(case when parent then 1.0 else 0 end) from m where sanctioned",
    "trap.13": """
        select avg(case when later.sanctioned then 1.0 else 0 end) from full_week x join full_week later
        on x.citizen = later.citizen and later.day = x.day + 91 where x.sanctioned""",
    "proportionality_inversions": """
        with x as (select m.citizen, -coalesce(sum(least(act.worth, 0)), 0) as grave from m left join act using (citizen) group by 1),
             y as (select citizen, count(*) filter (sanctioned) as lost from full_week group by 1),
             z as (select grave, lost, count(*) as n from x join y using (citizen) group by all)
        select sum(a.n * b.n) filter (a.lost < b.lost) / sum(a.n * b.n) from z a join z b on a.grave > b.grave""",
    "assortativity": """
        select corr(a.standing, b.standing) from m a join m b on a.circle = b.circle and a.citizen <> b.citizen""",
    "residual_disparity": """
        with x as (select m.citizen, m.minority, m.sanctioned, count(act.citizen) filter (act.worth < 0 or act.lists) as n
                   from m left join act using (citizen) group by all),
             s as (select case when n < 3 then n when n < 6 then 3 else 4 end as stratum, count(*) as n,
                     avg(case when sanctioned then 1.0 else 0 end) filter (minority) as ours,
                     avg(case when sanctioned then 1.0 else 0 end) filter (not minority) as theirs from x group by 1)
        select sum(n * ours) / sum(n * theirs) from s where ours is not null and theirs is not null""",
    "mobility": """
        select avg(case when a.class <> b.class then 1.0 else 0 end) from w a join w b using (citizen)
        where a.day = (select max(day) from w) and b.day = (select day from (select distinct day from w) order by day desc limit 1 offset 26)""",
    "reward_gini": """
        with x as (select m.citizen, count(e.citizen) as n from m left join e on e.citizen = m.citizen and e.phase = 'consequence'
                   and e.kind = 'advantage' group by 1)
        select sum(abs(a.n - b.n)) / (2.0 * (select count(*) from x) * (select sum(n) from x)) from x a, x b""",
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return jobs.run("beijing-2020", out=tmp_path_factory.mktemp("run") / "run", overlay=CHANGES, threads=2, report=False, **SIZE)


@pytest.fixture(scope="module")
def database(run):
    """The run's files, and the scheme's tables as its documents tell them."""
    resolved, base = resolve("beijing-2020", CHANGES), duckdb.connect()
    articles = resolved.rulebook.articles.values()
    points = {a.conduct: (a.value, a.lists is not None) for a in articles if a.what == "behaviour" and a.scorer == "state" and a.enabled}
    base.execute("create table conduct (conduct text, points int, lists bool, kind text)")
    for name, conduct in resolved.catalogue.conduct.items():
        base.execute("insert into conduct values (?, ?, ?, ?)", [name, *points.get(name, (None, False)), conduct.kind])
    base.execute("create table wish (wish text, domain text, expression bool)")
    for name, wish in resolved.catalogue.wishes.items():
        base.execute("insert into wish values (?, ?, ?)", [name, wish.domain, wish.expression])
    base.execute("create table channel (channel text, domain text)")
    for name, article in resolved.rulebook.articles.items():
        if article.what == "channel":
            base.execute("insert into channel values (?, ?)", [name, article.domain])
    for statement in VIEWS.format(Path(run.out)).split(";"):
        base.execute(statement) if statement.strip() else None
    return base


@pytest.mark.parametrize("name", QUERIES)
def test_outcome__is_what_sql_makes_of_the_files(run, database, name):
    [expected] = database.execute(QUERIES[name]).fetchone()
    found = run.metrics.filter(metric=name, group="all", district="all")["value"].item()
    is_trivial = expected == 0 and name != "notice_delay"  # half of those who learn at all learn at once
    assert expected is not None and not is_trivial, "a trivial case shows nothing"
    assert found == pytest.approx(expected)
