"""What the extractive engine knows of English: words that mean the same, words that mean little, words that oppose."""

from __future__ import annotations

from apps.lib.text import stem, words

_ALIKE = """
cost price budget expense spend worth fee charge tariff paid funding
build construct erect complete construction assemble
start begin launch commence open introduce inaugurate operate service commission
end finish close stop terminate conclude expire cease shut eol
found establish create set form incorporate
population inhabitant resident people census
length long kilometre km mile metre m
height high tall elevation
depth deep
width wide
weight weigh heavy kg tonne
area size hectare square large
speed fast quick
capacity capable hold seat mw
age old
locate situate lie base headquarter location place site
die death kill dead
born birth
author write writer
direct director film movie
sing singer song perform vocal artist
act actor actress play star cast role portray
produce producer production
own owner belong ownership
lead leader head chief ceo chair chairman chairwoman president director manage
design designer architect architectural
cause reason result trigger blame
effect impact consequence affect influence
purpose aim goal objective intend serve
advantage benefit strength gain
disadvantage drawback problem weakness risk downside
increase grow rise growth climb
decrease fall decline drop reduce reduction lower shrink
licence license permit copyright
require requirement need must necessary mandatory
install setup installation pip
support compatible compatibility require
limit maximum cap ceiling
minimum least
employee staff worker workforce employ personnel
customer client user household subscriber
revenue turnover sale income
profit earning surplus
loss deficit
win winner victory award
marry wife husband spouse
father mother parent
child son daughter
study educate attend graduate education
university college
company firm corporation business
temperature degree warm heat
power electricity
emission co2 carbon
define definition mean meaning refer
release publish issue premiere
genre style
occupation profession work
air broadcast channel
repair fix maintenance maintain
delay late postpone
failure fail fault outage breakdown
accident incident
law legislation statute regulation
vote election elect
supply supplier deliver provide vendor
remove delete deprecate drop
configure configuration setting option
owner operator operate run
contract agreement
change increase decrease fall rise grow drop develop shrink
kwh kilowatt
mwh megawatt
lifetime lifespan
choose decide select pick opt decision
attend participate present attendee participant
concentration level content
restore restoration renovate renovation refurbish
fund finance sponsor grant
hire recruit employ join
allow permit may can
source origin
""".strip().splitlines()

# A question for the kind is answered by one of the kind.
_KINDS_OF = """
effect reduce increase improve lower raise delay worsen rise fall shorten lengthen
sport football soccer basketball hockey baseball cricket rugby tennis golf volleyball handball swimming cycling boxing
party republican democrat democratic conservative labour liberal green socialist communist labor
genre rock pop jazz metal punk folk country drama comedy thriller romance fantasy horror blues
music rock pop jazz metal punk folk country blues opera
material steel concrete wood timber stone brick glass plastic copper iron aluminium granite
color colour red blue green yellow black white brown orange purple grey
language english french german spanish italian arabic chinese japanese russian portuguese python java
instrument guitar piano violin drum bass flute trumpet saxophone cello
institution school academy university college hospital museum institute
medium poetry painting sculpture film radio television print photography
position goalkeeper defender midfielder forward striker guard pitcher quarterback winger
fuel gas oil coal wood biomass diesel petrol electricity hydrogen waste
religion christian muslim jewish hindu buddhist catholic protestant islam christianity
""".strip().splitlines()
KIND_OF = {stem(line.split()[0]): frozenset(stem(w) for w in line.split()[1:]) for line in _KINDS_OF}

_ALIKE_ELSEWHERE = """
kosten kostet kostete gekostet preis budget
betreiben betreibt betreiber betreiberin
bauen gebaut erbaut errichtet bau errichten
eröffnen eröffnet eröffnete eröffnung einweihung eingeweiht
gründen gegründet gründete gründung gründer
leiten leitet leiter leiterin leitung chef
kritisieren kritisiert kritisierte kritik
erzeugen erzeugt erzeugte produziert produzierte
gehören gehört eigentümer besitzer inhaber
costar costó cuesta coste costo presupuesto precio costaron
diseñar diseñó diseñado diseñada arquitecto
inaugurar inauguró inaugurado inaugurada abrió abierto apertura
construir construyó construido construida construcción
fundar fundó fundado fundada fundación
restaurar restauró restaurado restaurada restauración
dirigir dirige director directora
visitar visita visitan visitantes
administrar administra gestiona gestionar
coûter coûte coûté coût prix
construire construit construite construction
ouvrir ouvert ouverte ouverture inauguré inaugurée inauguration
fonder fondé fondée fondation
diriger dirige directeur directrice
""".strip().splitlines()

ALIKE: dict[str, frozenset[str]] = {}
for _line in [*_ALIKE, *_ALIKE_ELSEWHERE]:
    _group = frozenset(stem(word) for word in words(_line))
    for _word in _group:
        ALIKE[_word] = ALIKE.get(_word, frozenset()) | _group

COST = frozenset(
    map(
        stem,
        (
            "cost",
            "price",
            "pay",
            "budget",
            "fee",
            "spend",
            "worth",
            "revenue",
            "profit",
            "tariff",
            "expense",
            *words(
                "kosten kostet kostete gekostet preis costar costó cuesta coste costo presupuesto precio coûte coûté "
                "coût prix"
            ),
        ),
    )
)

# Words of a question that any text may hold: they hardly tell what it is about.
FAINT = frozenset(
    stem(word)
    for word in words(
        "year years date time times number numbers amount thing things way ways kind kinds type types information "
        "detail details main important major different various use used make made work works happen happened become "
        "became current currently total name names called know known exist include included part parts day days new "
        "old many much long often good best better great get got give given go going one two first last latest recent "
        "recently still today mean means like take took say says said state stated according come came between several "
        "figure figures fact facts example examples case point term terms show shows big people person someone "
        "general overall actually exactly role roles change changed affect compare compared plan "
        "one two three four five six seven eight nine ten main key since ever afterwards later until "
        "since within without whole third half quarter every per within across around associate "
        "must shall tiene tienen tener hay gibt geben stehen steht liegt haben habe hatte "
        "associated affiliated related involved regard regarding "
        "concern concerning belong document documented history"
    )
)
# Words that ask and say nothing about the subject.
ASKING = frozenset(
    stem(word)
    for word in words(
        "tell describe explain list summarize summarise summary overview report research find please discuss outline "
        "identify analyse analyze documents document sources source text texts question answer information about give "
        "know want need let versus vs difference differ"
    )
)
MONTHS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec"
).split()
UNITS = {
    "percent": "%", "percentage": "%", "pct": "%", "kilometre": "km", "kilometer": "km", "kms": "km", "metre": "m",
    "meter": "m", "mile": "mi", "miles": "mi", "tonne": "t", "ton": "t", "inhabitant": "people", "resident": "people",
    "person": "people", "persons": "people", "dollar": "$", "usd": "$", "euro": "€", "eur": "€", "pound": "£",
    "gbp": "£", "hour": "h", "hr": "h", "minute": "min", "second": "s", "degree": "°", "megawatt": "mw",
    "gigawatt": "gw", "kilowatt": "kw", "foot": "ft", "feet": "ft", "inch": "in", "acre": "acre", "hectare": "ha",
}  # fmt: skip
# Two sentences that differ in one of these speak of different things, not differently of one thing.
CONTRASTS = tuple(
    frozenset(stem(word) for word in line.split())
    for line in (
        "first second third fourth fifth last final initial",
        "north south east west northern southern eastern western upper lower",
        "plan estimate forecast budget expect actual final outturn realise approve",
        "gross net",
        "minimum maximum average mean median peak least most",
        "men women male female boy girl",
        "winter summer spring autumn",
        "urban rural",
        "annual monthly daily weekly quarterly yearly hourly",
        "import export inflow outflow",
        "adult child student",
        "depth height length width diameter area thickness weight volume",
        "start begin end finish open close found dissolve install remove",
        "born die marry",
        "budget cost",
        "buy sell",
        "male female",
        "old new former current",
    )
)
# One property, said in two ways: "4.2 km long", "a length of 4.2 km".
SAME_PROPERTY = {
    stem(word): group.split()[0]
    for group in (
        "length long", "height high tall", "depth deep", "width wide", "weight weigh heavy", "speed fast", "age old",
        "population inhabitant resident", "cost price",
    )
    for word in group.split()
}  # fmt: skip
# Of these, the one that stands before a word says which of its kind is meant: "other parents", "after probation".
QUALIFIERS = {
    word: row.split()[0]
    for row in (
        "other birth same own", "before after during without", "minimum maximum average", "first second third last",
        "high low medium critical", "gross net", "full part",
    )
    for word in row.split()
}  # fmt: skip
OPPOSED = tuple(
    (frozenset(map(stem, left.split())), frozenset(map(stem, right.split())))
    for left, right in (
        ("increase rise grow climb gain higher", "decrease fall decline drop shrink lower"),
        ("approve accept adopt pass", "reject refuse decline"),
        ("succeed success successful", "fail failure unsuccessful"),
        ("allow permit", "forbid prohibit ban"),
        ("before earlier", "after later"),
        ("profit profitable", "loss unprofitable"),
        ("safe", "unsafe dangerous"),
        ("above exceed over", "below under"),
        ("open", "close shut"),
        ("include", "exclude"),
        ("enable", "disable"),
        ("true", "false"),
    )
)
CAUSAL = (
    "because", "due to", "owing to", "as a result", "caused", "cause of", "reason", "led to", "resulted",
    "in order to", "so that", "thanks to", "therefore", "blamed", "attributed", "weil", "wegen", "parce que", "porque",
)  # fmt: skip
