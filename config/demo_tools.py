"""The demonstration's server of tools (MCP): units and dates, reckoned exactly.

`python -m config.demo_tools 8002` serves it on 127.0.0.1. It is a program of its own, as a customer's server would
be: it knows no settings, no database and no secret of ours.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Annotated, Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field
from starlette.requests import Request
from starlette.responses import PlainTextResponse

ABOUT = "Exact unit conversion and date arithmetic. Nothing that is sent here is kept."
# Unit → what it measures, and how many of the measure's base unit it is; each factor is exact by definition.
UNITS: dict[str, tuple[str, Fraction]] = {
    name: (measure, Fraction(factor))
    for measure, units in {
        "length": {"m": "1", "mm": "0.001", "cm": "0.01", "km": "1000", "in": "0.0254", "ft": "0.3048",
                   "yd": "0.9144", "mi": "1609.344", "nmi": "1852"},
        "mass": {"kg": "1", "g": "0.001", "mg": "0.000001", "t": "1000", "oz": "0.028349523125", "lb": "0.45359237"},
        "volume": {"l": "1", "ml": "0.001", "m3": "1000", "gal_us": "3.785411784", "gal_uk": "4.54609",
                   "bbl": "158.987294928"},
        "area": {"m2": "1", "ha": "10000", "km2": "1000000", "ft2": "0.09290304", "acre": "4046.8564224"},
        "energy": {"J": "1", "kJ": "1000", "kWh": "3600000", "MWh": "3600000000", "cal": "4.184",
                   "Btu": "1055.05585262"},
        "power": {"W": "1", "kW": "1000", "MW": "1000000", "GW": "1000000000"},
        "speed": {"m/s": "1", "km/h": "1000/3600", "mph": "0.44704", "kn": "1852/3600"},
    }.items()
    for name, factor in units.items()
}  # fmt: skip
# Unit → how many of its degrees lie below its zero, and kelvin a degree.
DEGREES = {
    "K": (Fraction(0), Fraction(1)), "°C": (Fraction("273.15"), Fraction(1)),
    "°F": (Fraction("459.67"), Fraction(5, 9)),
}  # fmt: skip
MOST = 10_000_000_000_000_000
Unit = Annotated[str, Field(max_length=10, description=f"One of: {', '.join([*UNITS, *DEGREES])}")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="A day, as 2026-11-22")]
Amount = Annotated[float, Field(ge=-MOST, le=MOST)]


@dataclass(frozen=True)
class Converted:
    """What an amount is in another unit: as a number, and as a sentence."""

    value: float
    sentence: str


@dataclass(frozen=True)
class Span:
    """How far apart two days are. working_days: Mondays to Fridays after the first day, up to the second."""

    days: int
    weeks: int
    days_left: int
    working_days: int


@dataclass(frozen=True)
class Found:
    """A day and its place in the calendar."""

    day: str
    weekday: str
    iso_week: int
    day_of_year: int


def convert(value: Amount, unit: Unit, to: Unit) -> Converted:
    """Convert an amount from one unit to another of the same measure, by the exact definitions of both."""
    amount = Fraction(repr(float(value)))
    found = _degrees(amount, unit, to) if {unit, to} & DEGREES.keys() else _scaled(amount, unit, to)
    return Converted(float(found), f"{_spelt(amount)} {unit} = {_spelt(found)} {to}")


def _spelt(number: Fraction) -> str:
    """Write a number with 12 significant digits at most."""
    with localcontext(prec=12):
        return f"{(Decimal(number.numerator) / number.denominator).normalize():f}"


def _scaled(amount: Fraction, unit: str, to: str) -> Fraction:
    for each in (unit, to):
        if each not in UNITS:
            raise ToolError(f"There is no unit {each!r} here. Known: {', '.join([*UNITS, *DEGREES])}.")
    (measure, factor), (other, divisor) = UNITS[unit], UNITS[to]
    if measure != other:
        raise ToolError(f"{unit} measures {measure}, {to} measures {other}.")
    return amount * factor / divisor


def _degrees(amount: Fraction, unit: str, to: str) -> Fraction:
    if not {unit, to} <= DEGREES.keys():
        raise ToolError(f"{unit} and {to} do not measure the same.")
    (zero, size), (other, divisor) = DEGREES[unit], DEGREES[to]
    kelvin = (amount + zero) * size
    if kelvin < 0:
        raise ToolError("This lies below absolute zero.")
    return kelvin / divisor - other


def between(first: Day, second: Day) -> Span:
    """Count the days from one day to another; a negative number where the second lies before the first."""
    start, end = _day(first), _day(second)
    days = (end - start).days
    sign, whole = (1 if days >= 0 else -1), abs(days)
    return Span(days, sign * (whole // 7), sign * (whole % 7), sign * _working(min(start, end), whole))


def _working(start: date, days: int) -> int:
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum((start + timedelta(days=number)).weekday() < 5 for number in range(1, rest + 1))


def shift(day: Day, days: Annotated[int, Field(ge=-1_000_000, le=1_000_000)]) -> Found:
    """Find the day that lies so many days after another one, or before it where the number is negative."""
    try:
        found = _day(day) + timedelta(days=days)
    except OverflowError as error:
        raise ToolError("That day lies outside the years 1 to 9999.") from error
    year = found.timetuple().tm_yday
    return Found(found.isoformat(), found.strftime("%A"), found.isocalendar().week, year)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ToolError(f"There is no day {text}.") from error


def application() -> Any:
    """Return the server as an ASGI application; it says on /readyz that it is ready."""
    server: MCPServer = MCPServer("footnote-desk", instructions=ABOUT, log_level="WARNING")
    server.add_tool(convert, name="convert_units")
    server.add_tool(between, name="days_between")
    server.add_tool(shift, name="shift_date")

    async def ready(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    server.custom_route("/readyz", methods=["GET"])(ready)
    return server.streamable_http_app(stateless_http=True, json_response=True)


def main() -> None:
    """Serve on a port of this machine until asked to stop."""
    parser = argparse.ArgumentParser(prog="python -m config.demo_tools", description="The demonstration's tools.")
    parser.add_argument("port", type=int)
    port = parser.parse_args().port
    uvicorn.run(application(), host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=2)


if __name__ == "__main__":
    main()
