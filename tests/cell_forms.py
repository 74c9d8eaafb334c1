"""Cells drawn from the grammar, and printed as any edition and form of page has them."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Iterator

TITLES = [
    "Night nurses calm restless visitors", "Does a quiet word help?", "Working (together) on wards",
    "“Nobody asked us”: what porters say", "Costs: who pays, when, and why", "G8 countries agree",
    "The 1998 strategy, ten years on", "Beer, wine, etc.", "Kitchens beat canteens",
    "Self-reported moods improve", "Alcohol-related noise falls", "Vans at the gate of St. Mungo’s",
    "Letters to vitamin sellers", "Follow-up by telephone keeps people coming back",
    "Long walks – short talks", "Treatment in the U.S.", "Families’ own words",
    "Guidance (2007) on beds: a later view", "Option 2 (2012) in practice",
    "Wards (2009–2011): three years on",
]  # fmt: skip
PUBLISHERS = [
    None, None, None, "Home Office", "NHS Health Scotland", "Crew 2000", "Ward Office",
    "Department of Health, Social Services and Public Safety",
]  # fmt: skip
SENTENCES = [
    "Patients stayed longer than staff had expected.", "Gains were lost within two years.",
    "Costs fell by a third, though not for everyone.", "Nobody counted the people who left early.",
    "Results of a survey of 2,000 households (mostly rural) were mixed.",
    "The keepers’ reports emphasise self-respect, punctuality and cleanliness.",
    "Follow-up interviews confirmed the community-based findings.",
    "What works? Kindness, apparently, and consistent administration.",
    "It describes “very limited” provision for undernourished prisoners.",
    "Workers screened for hepatitis C. Half were vaccinated with vitamin B.",
    "Dr. J. Smith led the prison-to-community programme; R. Jones evaluated it.",
]  # fmt: skip
NAVIGATION = [
    "For discussion click and scroll down to highlighted heading.",
    "For related discussions click here, here and here, and scroll down to highlighted headings.",
    "Discussion in bite’s Issues section.", "Discussed in bite’s Where should I start? section.",
    "This study was discussed in cell D2 and related studies in cell B3.",
    "See study 2 in linked PDF file.", "Discussion in cell C2.",
]  # fmt: skip
ACCESS = ["Alternative source.", "Free source at the time of writing.", "Free source."]
POINTERS = [
    ("See also a later report (Home Office, 2016).", "a later report", 2016),
    ("See also associated policy report (2011).", "associated policy report", 2011),
    ("Based on the Option 2 (2012) crisis service.", "Option 2", 2012),
    ("Confirmed by an early review (1999).", "early review", 1999),
    ("Update published in 2006 documents the changes.", "Update published in 2006", 2006),
]  # fmt: skip
PLACES = {
    "Home Office": "UK", "NHS Health Scotland": "Scotland", "Crew 2000": "Scotland",
    "Department of Health, Social Services and Public Safety": "Northern Ireland",
    "[UK] ": "UK", "[Scottish] ": "Scotland",
}  # fmt: skip
PLACED = {
    "Trials in Wales failed.": "Wales",
    "Wards in Northern Ireland took part.": "Northern Ireland",
}
LEFT_OUT = [
    "It held other than in Jersey.", "It held everywhere except Malta.",
    "Unlike in Norway, beds were free.", "All regions excluding Iceland gained.",
]  # fmt: skip
CAPTIONS = ["A porter at night", "Nurses talking to a patient", "Beds in a corridor"]
COLUMNS = {
    "A": "Interventions", "B": "Practitioners", "C": "Management/supervision",
    "D": "Organisational functioning", "E": "Treatment systems",
}  # fmt: skip
ROWS = {
    "2": "Generic and cross-cutting issues", "3": "Medical treatment",
    "4": "Psychosocial therapies", "5": "Safeguarding the community",
}  # fmt: skip


@dataclass
class DrawnEntry:
    """An entry: what a page prints, and what its record must say."""

    codes: str
    title: str
    citation: str
    summary: list[str]  # all its sentences, in order
    year: int
    year_end: int | None = None
    publisher: str | None = None
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    navigation: list[str] = field(default_factory=list)
    related: list[tuple[str, int]] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)  # titles of the entries it refers to
    url: str | None = None

    @property
    def head(self) -> str:
        return f"{self.title} ({self.citation})."


@dataclass
class DrawnCell:
    """A cell: where it is in the matrix, and its entries."""

    matrix: str
    code: str
    entries: list[DrawnEntry]
    captions: dict[int, str]  # by the entry that they stand after; not in every form

    @property
    def names(self) -> tuple[str, str]:
        one = "Reducing harm" if self.matrix == "Drug" else "Screening and brief interventions"
        return COLUMNS[self.code[0]], {"1": one, **ROWS}[self.code[1]]


def draw(rng: random.Random) -> DrawnCell:
    """Draw a cell of three to eight entries."""
    titles = rng.sample(TITLES, rng.randint(3, 8))
    code = rng.choice("ABCDE") + rng.choice("12345")
    entries = [_entry(rng, title, i) for i, title in enumerate(titles)]
    for at, entry in enumerate(entries):
        if rng.random() < 0.3:
            _refer(rng, entry, entries[:at], entries[at + 1 :])
    captions = {rng.randrange(len(entries) - 1): rng.choice(CAPTIONS)} if rng.random() < 0.3 else {}
    return DrawnCell(rng.choice(["Alcohol", "Drug"]), code, entries, captions)


def _refer(
    rng: random.Random, entry: DrawnEntry, above: list[DrawnEntry], below: list[DrawnEntry]
) -> None:
    """Let an entry refer to another, where there is one that a reader can tell."""
    kind, name = rng.choice([("R", "review"), ("G", "guidance")])
    where, others = rng.choice([("above", above), ("below", below)])
    fitting = [other for other in others if kind in other.codes]
    if len(fitting) == 1:
        sentence = f"Related {name} {where}."
        at = len(entry.summary) - len(entry.navigation)
        entry.summary.insert(at, sentence)
        entry.kept.append(sentence)
        entry.targets.append(fitting[0].title)


def _entry(rng: random.Random, title: str, number: int) -> DrawnEntry:
    codes = " ".join(rng.sample("SKRG", rng.choice([1, 1, 1, 2, 3])))
    publisher = rng.choice(PUBLISHERS)
    year = rng.randint(1960, 2020)
    last = year + rng.randint(1, 4) if rng.random() < 0.1 else None
    notes = ["free source"] if rng.random() < 0.2 else []
    tag = rng.choice(["", "", "[UK] ", "[Scottish] "])
    name = f"{publisher}, " if publisher else ""
    years = f"{year}–{last}" if last else str(year)
    entry = DrawnEntry(
        codes, title, "; ".join([f"{tag}{name}{years}", *notes]), [], year, last, publisher,
        list(notes), url=f"https://example.org/{number}",
    )  # fmt: skip
    if rng.random() < 0.2:
        remark = rng.choice(ACCESS)
        entry.summary.append(remark)
        note = remark.rstrip(".")
        note = note[0].lower() + note[1:]
        if note not in entry.notes:
            entry.notes.append(note)
    entry.places = [PLACES[x] for x in (tag, publisher) if x in PLACES][:1]
    if title == "Treatment in the U.S.":
        entry.places.append("United States")
    sentences = rng.sample(SENTENCES, rng.randint(1, 4))
    if rng.random() < 0.3:
        sentences.append(rng.choice(LEFT_OUT))
    elif rng.random() < 0.3:
        sentence = rng.choice(list(PLACED))
        sentences.append(sentence)
        entry.places = list(dict.fromkeys([*entry.places, PLACED[sentence]]))
    for sentence in sentences:
        entry.summary.append(sentence)
        entry.kept.append(sentence)
    if rng.random() < 0.4:
        sentence, name, when = rng.choice(POINTERS)
        entry.summary.append(sentence)
        entry.kept.append(sentence)
        entry.related.append((name, when))
    if rng.random() < 0.6:
        sentence = rng.choice(NAVIGATION)
        entry.summary.append(sentence)
        entry.navigation.append(sentence)
    return entry


# Editions: what stands above and below the entries

LEGEND = "S Seminal studiesK Key studiesR ReviewsG Guidancemore Search for more studies"
EXPLAINED = (
    "Links to other documents. Hover over for notes. Click to highlight passage referred to. "
    "Unfold extra text Unfold supplementary text"
)
RETRIEVE = (
    "more Retrieve all relevant Effectiveness Bank analyses or search more specifically at the "
    "subject search page. See also hot topics on protecting children."
)
BITE = "Matrix Bite Open Matrix Bite guide to this cell Open Matrix Bite guide and commentary"


def edition(cell: DrawnCell, name: str) -> tuple[list[str], list[str]]:
    """Return the paragraphs above and below the entries of a cell in an edition."""
    column, row = cell.names
    line = f"{cell.matrix} Treatment Matrix cell {cell.code}"
    about = (
        "Key studies on whatever this cell is about, described in a sentence of more than "
        "sixty characters."
    )
    if name == "2021":
        above = [
            f"{line}: {column}; {row}", "2020/21 update funded by", "Alcohol Change UK",
            "Alcohol Treatment Matrix", "Drug Treatment Matrix", "Includes harm reduction",
            "About the matrices", f"{line} Matrix cell logo", f"{column}; {row}", about, LEGEND,
            EXPLAINED,
        ]  # fmt: skip
        return above, [RETRIEVE, BITE]
    if name == "2016":
        above = [
            "Matrix cell", LEGEND, EXPLAINED,
            f"{cell.matrix} Matrix cell {cell.code}: {column}; {row}",
        ]  # fmt: skip
        return above, ["more Search for more studies", BITE]
    if name == "colon":
        above = [
            f"{line}: {column}: {row}",
            about,
            "S Seminal studies K Key studies R Reviews G Guidance",
        ]
        return above, ["more", "This search retrieves all relevant analyses.", "Close Matrix Bite"]
    if name == "logo":
        return [f"{line} Matrix cell logo", about, LEGEND], ["Last revised 1 June 2015."]
    if name == "no legend":
        return [f"{line}: {column}; {row}", about], [RETRIEVE]
    above = [f"{line}: {column}; {row}", "S = Seminal studies", "K = Key studies", "R = Reviews",
             "G = Guidance"]  # fmt: skip
    return above, [BITE]


EDITIONS = ["2021", "2016", "colon", "logo", "no legend", "legend lines"]


# Forms: how the paragraphs are written


def paragraphs(cell: DrawnCell) -> Iterator[str]:
    for entry in cell.entries:
        yield f"{entry.codes} {entry.head} {' '.join(entry.summary)}"


def as_text(cell: DrawnCell, above: list[str], below: list[str], _: random.Random) -> str:
    return "\n\n".join([*above, *_with_captions(cell, paragraphs(cell)), *below])


def _with_captions(cell: DrawnCell, printed: Iterable[str], form: str = "{}") -> Iterator[str]:
    for at, entry in enumerate(printed):
        yield entry
        if at in cell.captions:
            yield form.format(cell.captions[at])


def as_lines(cell: DrawnCell, above: list[str], below: list[str], _: random.Random) -> str:
    return "\n".join([*above, *paragraphs(cell), *below])


def as_windows(cell: DrawnCell, above: list[str], below: list[str], _: random.Random) -> str:
    blocks = [*above, *_with_captions(cell, paragraphs(cell)), *below]
    return "\r\n\r\n".join(blocks).replace("K ", "K\u00a0")


def as_wrapped(cell: DrawnCell, above: list[str], below: list[str], _: random.Random) -> str:
    blocks = ["\n".join(wrapped(p, 72, None)) for p in [*above, *paragraphs(cell), *below]]
    return "\n\n".join(blocks)


def as_message(cell: DrawnCell, above: list[str], below: list[str], rng: random.Random) -> str:
    """Print as a message has it that quotes the page, some of it twice."""
    lines = as_wrapped(cell, above, below, rng).split("\n")
    again = rng.randrange(len(lines))
    quoted = [f"{'>> ' if n > again else '> '}{line}".rstrip() for n, line in enumerate(lines)]
    return "\n".join(["On Tuesday Ann wrote:", "", *quoted, ""])


def as_pdf(cell: DrawnCell, above: list[str], below: list[str], rng: random.Random) -> str:
    """Print 80 columns without blank lines, words broken, in pages with numbers."""
    lines = [line for p in [*above, *paragraphs(cell), *below] for line in wrapped(p, 80, rng)]
    height = rng.randint(12, 30)
    pages = [lines[i : i + height] for i in range(0, len(lines), height)]
    style = rng.choice(["{n}", "Page {n} of {of}", "- {n} -", "\f", "head"])
    text = ""
    for n, page in enumerate(pages, 1):
        body = "\n".join(page)
        if style == "\f":
            text += f"{body}\n\n{n}\n\f"
        elif style == "head":
            text += f"12/03/2020, 14:05   {cell.matrix} Matrix\n{body}\n"
            text += f"https://e.example/m   {n}/{len(pages)}\n"
        else:
            text += f"{body}\n\n{style.format(n=n, of=len(pages))}\n\n"
    return text


def wrapped(paragraph: str, width: int, rng: random.Random | None) -> Iterator[str]:
    """Wrap a paragraph; with ``rng`` break some long words at line ends, as printers do."""
    line = ""
    for word in paragraph.split(" "):
        if not line:
            line = word
        elif len(line) + 1 + len(word) <= width:
            line += f" {word}"
        else:
            room = width - len(line) - 2
            at = min(len(word) - 3, room)
            if rng and word.isascii() and word.isalpha() and len(word) > 8 and at >= 4:
                yield f"{line} {word[:at]}-"
                line = word[at:]
            else:
                cut = word.find("-", 1)
                if rng and 0 < cut < room:
                    yield f"{line} {word[: cut + 1]}"
                    line = word[cut + 1 :]
                else:
                    yield line
                    line = word
    yield line


def as_bullets(cell: DrawnCell, above: list[str], below: list[str], rng: random.Random) -> str:
    bullet = rng.choice(
        ["• ", "•\t", "- ", "* ", "o ", "\uf0b7\t", "· ", "– ", "1. ", "12) ", "(3) "]
    )
    gap = rng.choice(["\n", "\n\n"])
    return "\n\n".join([*above, gap.join(bullet + p for p in paragraphs(cell)), *below])


def as_marked_codes(cell: DrawnCell, above: list[str], below: list[str], rng: random.Random) -> str:
    before, after = rng.choice([("[", "]"), ("(", ")"), ("", ":"), ("", " –"), ("", "\t")])
    marked = [f"{before}{e.codes}{after} {e.head} {' '.join(e.summary)}" for e in cell.entries]
    return "\n\n".join([*above, *marked, *below])


def as_markdown(cell: DrawnCell, above: list[str], below: list[str], rng: random.Random) -> str:
    bold = rng.choice(["**", "*", "__", ""])
    item = rng.choice(["- ", "* ", "1. ", "", "> "])
    gap = rng.choice(["\n", "\n\n"]) if item and item != "> " else "\n\n"
    rows = []
    for entry in cell.entries:
        title = entry.title.replace("*", "\\*")
        link = rng.choice([f"[{title}]({entry.url})", f'**[{title}]({entry.url} "Title")**'])
        text = " ".join(entry.summary)
        rows.append(f"{item}{bold}{entry.codes}{bold} {link} ({entry.citation}). {text}")
    header = [f"# {above[0]}", *above[1:]]
    return "\n\n".join([*header, gap.join(rows), *below])


def as_table(cell: DrawnCell, above: list[str], below: list[str], _: random.Random) -> str:
    rows = ["| | Study |", "|---|---|"]
    for entry in cell.entries:
        title = f"[{entry.title}]({entry.url})"
        rows.append(f"| {entry.codes} | {title} ({entry.citation}). {' '.join(entry.summary)} |")
    return "\n\n".join([f"# {above[0]}", *above[1:], "\n".join(rows), *below])


def as_html(cell: DrawnCell, above: list[str], below: list[str], rng: random.Random) -> str:
    """Print as one of several browsers and editions did."""
    e = html.escape
    style = rng.choice(["p", "br", "li", "td", "img", "span", "div"])
    body = []
    for entry in cell.entries:
        title = f'<a href="{entry.url}">{e(entry.title)}</a>'
        tip = rng.choice(
            [
                "",
                '<span style="display:none">Hover note.</span>',
                '<span class="tip">A tip.</span>',
                '<img src="x.gif" alt="Opens new window">',
            ]
        )
        text = f"{title}{tip} ({e(entry.citation)}). {e(' '.join(entry.summary))}"
        codes = entry.codes.split()
        if style == "td":
            body.append(f"<tr><td>{entry.codes}</td><td>{text}</td></tr>")
        elif style == "img":
            icons = " ".join(f'<img src="{c}.png" alt="{c}">' for c in codes)
            body.append(f"<p>{icons} {text}</p>")
        elif style == "span":
            body.append(f"<p>{''.join(f'<span>{c}</span>' for c in codes)}{text}</p>")
        elif style == "br":
            body.append(f"{entry.codes} {text}<br><br>")
        else:
            body.append(f"<{style}>{entry.codes}&nbsp;{text}</{style}>")
    caption = rng.choice(["<p>{}</p>", "<figure><figcaption>{}</figcaption></figure>"])
    caption = f"<tr><td></td><td>{caption}</td></tr>" if style == "td" else caption
    inside = "\n".join(_with_captions(cell, body, caption))
    if style == "td":
        inside = f"<table>{inside}</table>"
    elif style == "li":
        inside = f"<ul>{inside}</ul>"
    head = "".join(f"<p>{e(p)}</p>\n" for p in above)
    foot = "".join(f"<p>{e(p)}</p>\n" for p in below)
    return (
        f"<!DOCTYPE html>\n<html><head><title>{e(above[0])}</title>"
        f"<style>a {{color: blue}} .tip {{ display: none }}</style></head><body>"
        f"{head}{inside}{foot}</body></html>"
    )


FORMS: dict[str, Callable[[DrawnCell, list[str], list[str], random.Random], str]] = {
    "text": as_text, "lines": as_lines, "windows": as_windows, "wrapped": as_wrapped,
    "pdf": as_pdf, "bullets": as_bullets, "codes": as_marked_codes, "markdown": as_markdown,
    "table": as_table, "html": as_html, "message": as_message,
}  # fmt: skip
CAPTIONED = {"text", "windows", "html"}
LINKED = {"markdown", "table", "html"}
ENDINGS = {"markdown": "md", "table": "md", "html": "html"}
