"""Districts, addresses, circles and traits: what never changes (E2, E3)."""

from __future__ import annotations

from dataclasses import dataclass

from glasscity.rules.model import Population

from . import draws
from .draws import Keys, draw, first_below, hi, lo, p32, running_sums

PAGE = 4096
HOUSEHOLD, STREET, WORK, CHAT, PARTY_CELL, FRIENDS = 0, 1, 2, 3, 4, 5
IN_NEIGHBOURHOOD = {HOUSEHOLD: "household", STREET: "street"}
IN_DISTRICT = {WORK: "work", CHAT: "chat", PARTY_CELL: "party"}
PRESCHOOL, PUPIL, WORKER, SERVICE, PROFESSIONAL, OFFICIAL, AT_HOME, RETIRED = range(8)
WORKING = (WORKER, SERVICE, PROFESSIONAL, OFFICIAL)


def district_sizes(residents: list[int], citizens: int) -> list[int]:
    """E2: largest-remainder shares of the citizens asked for, ties to the earlier district."""
    total = sum(residents)
    sizes = [citizens * r // total for r in residents]
    by_remainder = sorted(range(len(residents)), key=lambda d: (-(citizens * residents[d] % total), d))
    for d in by_remainder[: citizens - sum(sizes)]:
        sizes[d] += 1
    return sizes


def permute(word: int, n: int, x: int) -> int:
    """E3: the place of x in a keyed permutation of 0 .. n-1, by cycle walking."""
    k = 1
    while 1 << k < n:
        k += 1
    m, h = (1 << k) - 1, (k + 1) // 2
    (a0, b0), (a1, b1), (a2, b2) = [(draw(word, 2 * i) | 1, draw(word, 2 * i + 1)) for i in range(3)]
    while True:
        x = (x * a0 + b0) & m
        x ^= x >> h
        x = (x * a1 + b1) & m
        x ^= x >> h
        x = (x * a2 + b2) & m
        if x < n:
            return x


def cells(sizes: tuple[int, ...], n: int) -> list[tuple[int, int]]:
    """E3: for each position 0 .. n-1, start and size of its cell; the last may be cut short."""
    of_position: list[tuple[int, int]] = []
    turn = 0
    while len(of_position) < n:
        start = len(of_position)
        size = min(sizes[turn % len(sizes)], n - start)
        of_position += [(start, size)] * size
        turn += 1
    return of_position


class Circle:
    """E3: one kind of circle over one range of n citizens, the first of them numbered `first`."""

    def __init__(self, sizes: tuple[int, ...], first: int, n: int, word: int | None) -> None:
        self.position = {first + x: x if word is None else permute(word, n, x) for x in range(n)}
        self.holder = {q: i for i, q in self.position.items()}
        self.cell = cells(sizes, n)

    def members(self, i: int) -> list[int]:
        """Everybody in the cell of citizen i, in order of position."""
        start, size = self.cell[self.position[i]]
        return [self.holder[q] for q in range(start, start + size)]


@dataclass
class Person:
    """The traits of one citizen."""

    number: int
    district: int
    address: int
    neighbourhood: tuple[int, int]  # first number, size
    page: int  # address of the neighbourhood
    minority: int
    income: int
    age: int
    occupation: int
    online: int
    party: int
    drives: int
    integrity: int
    dissent: int
    boldness: int
    trust: int
    solidarity: int
    disfavoured: int
    parent: int = 0

    def traits(self) -> int:
        """All traits but the dispositions in one number."""
        return (
            self.minority
            | self.party << 1
            | self.income << 2
            | self.age << 5
            | self.occupation << 8
            | self.online << 11
            | self.parent << 13
            | self.drives << 14
            | self.disfavoured << 15
        )


class People:
    """E2, E3: everybody, by number, with their circles."""

    def __init__(self, population: Population, citizens: int, seed: int) -> None:
        self.keys = Keys(seed, 0)
        self.thresholds = TraitThresholds(population)
        self.districts = list(population.districts.values())
        self.sizes = district_sizes([d.residents for d in self.districts], citizens)
        self.persons: list[Person] = []
        self.circles: list[dict[int, Circle]] = []
        for d, n in enumerate(self.sizes):
            self._settle(population, d, n)
        for person in self.persons:
            person.parent = int(self._is_parent(person))

    def _settle(self, population: Population, d: int, n: int) -> None:
        """E2, E3: the circles, then the traits, of district d."""
        first = len(self.persons)
        shapes = population.circles
        district_word = draw(self.keys[draws.CIRCLE], d << 32 | 0xFFFFFFFF)
        wide = {
            c: Circle(getattr(shapes, name).sizes, first, n, draw(district_word, c)) for c, name in IN_DISTRICT.items()
        }
        for p in range((n + PAGE - 1) // PAGE):
            page_address = d << 32 | p
            page_first, page_size = first + PAGE * p, min(PAGE, n - PAGE * p)
            word = draw(self.keys[draws.CIRCLE], page_address)
            near = {
                c: Circle(getattr(shapes, name).sizes, page_first, page_size, draw(word, c))
                for c, name in IN_NEIGHBOURHOOD.items()
            }
            near[FRIENDS] = Circle(shapes.friends.sizes, page_first, page_size, None)
            for j in range(page_size):
                self.circles.append(near | wide)
                self.persons.append(self._born(d, p, page_first, page_size, j, near[HOUSEHOLD]))

    def _born(self, d: int, p: int, page_first: int, page_size: int, j: int, households: Circle) -> Person:
        """E3: the traits, except parent."""
        t, keys = self.thresholds, self.keys
        number, a = page_first + j, d << 32 | (PAGE * p + j)
        q = households.position[number]
        q0, _ = households.cell[q]
        household = d << 32 | (PAGE * p + q0)

        z = draw(keys[draws.NEIGHBOURHOOD], d << 32 | p)
        enclave, fifth = hi(z) < t.enclave, (lo(z) * 5) >> 32
        minority = hi(draw(keys[draws.HOUSEHOLD_MINORITY], household)) < t.minority(d, enclave)
        z = draw(keys[draws.HOUSEHOLD_INCOME], household)
        income = fifth if hi(z) < t.income_sorting else (lo(z) * 5) >> 32

        age = first_below(hi(draw(keys[draws.AGE], a)), t.head_age if q == q0 else t.other_age)
        assert age is not None
        occupation = first_below(hi(draw(keys[draws.OCCUPATION], a)), t.occupation[age])
        online = first_below(hi(draw(keys[draws.ONLINE], a)), t.online[age])
        assert occupation is not None and online is not None
        party = age >= 2 and hi(draw(keys[draws.PARTY], a)) < t.party[occupation]
        drives = age >= 3 and hi(draw(keys[draws.CAR], a)) < t.drives[income]
        z = draw(keys[draws.DISPOSITIONS], a)
        ones = [(z >> 7 * k & 127).bit_count() for k in range(5)]
        disfavoured = age >= 2 and hi(draw(keys[draws.DISFAVOURED], a)) < t.disfavoured
        return Person(
            number, d, a, (page_first, page_size), d << 32 | p,
            int(minority), income, age, occupation, online, int(party), int(drives), *ones, int(disfavoured),
        )  # fmt: skip

    def _is_parent(self, person: Person) -> bool:
        """E3: of band 3, 4 or 5, with a child (band 0 or 1) in the household."""
        household = self.circles[person.number][HOUSEHOLD].members(person.number)
        return person.age in (3, 4, 5) and any(self.persons[i].age in (0, 1) for i in household)

    def friends(self, i: int) -> list[int]:
        """E3: the circle of friends of citizen i, himself included."""
        return self.circles[i][FRIENDS].members(i)

    def firms(self, d: int, sizes: tuple[int, ...]) -> list[list[int]]:
        """E3: the employees of each firm of district d, firms being cells of the positions of the work circle."""
        n, first = self.sizes[d], sum(self.sizes[:d])
        if n == 0:
            return []
        holder = self.circles[first][WORK].holder
        staff: dict[int, list[int]] = {}
        for q, (start, _) in enumerate(cells(sizes, n)):
            staff.setdefault(start, [])
            if self.role(WORK, holder[q]) == 2:
                staff[start].append(holder[q])
        return list(staff.values())

    def role(self, circle: int, i: int) -> int:
        """E3: citizens are tied only to those of the same, non-zero role."""
        person = self.persons[i]
        if circle == WORK:
            return 1 if person.occupation == PUPIL else 2 if person.occupation in WORKING else 0
        if circle == CHAT:
            return int(person.online >= 1)
        if circle == PARTY_CELL:
            return person.party
        return 1

    def mate(self, circle: int, i: int, v: int) -> int | None:
        """E3: the mate that the 32-bit number v picks for citizen i in a circle."""
        ring = self.circles[i][circle]
        q = ring.position[i]
        start, size = ring.cell[q]
        role = self.role(circle, i)
        if size < 2 or role == 0:
            return None
        skip = (v * (size - 1)) >> 32
        for step in range(size):
            position = start + (q - start + 1 + skip + step) % size
            other = ring.holder[position]
            if position != q and self.role(circle, other) == role:
                return other
        return None

    def gallery(self, i: int, whom: str) -> tuple[int, int]:
        """E5: first number and size of the gallery that a wrong match of citizen i is looked up in."""
        person = self.persons[i]
        if whom == "city":
            return 0, len(self.persons)
        if whom == "district":
            return sum(self.sizes[: person.district]), self.sizes[person.district]
        return person.neighbourhood


class TraitThresholds:
    """E3: the population file as 32-bit thresholds."""

    def __init__(self, population: Population) -> None:
        share = population.enclave_share
        self.enclave = p32(share)
        self._minority = []
        for district in population.districts.values():
            high = min(0.95, district.minority * population.enclave_residents / share) if share else 0.0
            low = max(0.0, (district.minority - share * high) / (1 - share)) if share < 1 else 0.0
            self._minority.append((p32(low), p32(high)))
        self.income_sorting = p32(population.income_sorting)
        self.disfavoured = p32(population.disfavoured_share)

        age = population.age
        adults = sum(age[2:])
        head = [0.0, 0.0] + [s / adults for s in age[2:]]
        sizes = population.circles.household.sizes
        h = len(sizes) / sum(sizes)
        self.head_age = running_sums(head)
        rest = [max(0.0, (s - h * g) / (1 - h)) for s, g in zip(age, head, strict=True)] if h < 1 else list(age)
        self.other_age = running_sums([s / sum(rest) for s in rest])

        self.occupation = [running_sums(row) for row in population.occupation]
        self.online = [running_sums(row) for row in population.online]

        table = population.occupation
        members = sum(age[k] * table[k][o] * population.party[o] for k in range(2, 8) for o in range(8))
        c = population.party_share / members if members else 0.0
        self.party = [p32(min(1.0, c * s)) for s in population.party]
        drivers = sum(age[3:]) * (sum(population.drives) / len(population.drives))
        c = population.cars_per_resident / drivers if drivers else 0.0
        self.drives = [p32(min(1.0, c * s)) for s in population.drives]

    def minority(self, d: int, enclave: bool) -> int:
        """E3: the chance that a household of district d belongs to the minority."""
        return self._minority[d][enclave]
