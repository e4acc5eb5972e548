"""Pure: the check digits of cards, accounts and national numbers."""

from __future__ import annotations


def luhn(digits: str) -> bool:
    """Tell whether digits keep the rule of Luhn (ISO/IEC 7812-1).

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


IBAN_LENGTHS = {
    name[:2]: int(name[2:]) for name in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 ES24 FI18 FO18 FR27 "
        "GB22 GE22 GI23 GL18 GR27 HR21 HU28 IE22 IL23 IS26 IT27 JO30 KW30 KZ20 LB28 LI21 LT20 LU20 LV21 MC27 MD24 ME22 "
        "MK19 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VG24 XK20"
    ).split()
}  # fmt: skip


def iban(text: str) -> bool:
    """Tell whether a text without blanks is an IBAN (ISO 13616): its country's length, and 1 modulo 97.

    >>> iban("GB82WEST12345698765432"), iban("GB82WEST12345698765433")
    (True, False)
    """
    text = text.upper()
    if len(text) != IBAN_LENGTHS.get(text[:2]) or not text.isalnum() or not text.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def german_tax(digits: str) -> bool:
    """Tell whether eleven digits are a German tax number (ISO 7064, MOD 11,10).

    >>> german_tax("86095742719"), german_tax("86095742718")
    (True, False)
    """
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return len(digits) == 11 and digits[0] != "0" and (11 - product) % 10 == int(digits[10])


def french(digits: str) -> bool:
    """Tell whether fifteen characters are a French NIR (97 minus the rest).

    >>> french("185057800608491"), french("185057800608492")
    (True, False)
    """
    body = digits[:13].upper().replace("2A", "19").replace("2B", "18")
    return len(digits) == 15 and body.isdigit() and 97 - int(body) % 97 == int(digits[13:])


def spanish(text: str) -> bool:
    """Tell whether a text is a Spanish DNI or NIE: its letter is the number modulo 23.

    >>> spanish("12345678Z"), spanish("X1234567L"), spanish("12345678A")
    (True, True, False)
    """
    text = text.upper()
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0]) + text[1:-1]
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def italian(text: str) -> bool:
    """Tell whether sixteen characters are an Italian codice fiscale.

    >>> italian("RSSMRA85T10A562S"), italian("RSSMRA85T10A562T")
    (True, False)
    """
    odd = "1 0 5 7 9 13 15 17 19 21 2 4 18 20 11 3 6 8 12 14 16 10 22 25 24 23".split()
    total = 0
    for place, char in enumerate(text[:15].upper()):
        value = int(char) if char.isdigit() else ord(char) - 65
        total += int(odd[value]) if place % 2 == 0 else value
    return len(text) == 16 and chr(65 + total % 26) == text[15].upper()


def dutch(digits: str) -> bool:
    """Tell whether nine digits are a Dutch BSN (the test of eleven).

    >>> dutch("111222333"), dutch("111222334")
    (True, False)
    """
    return len(digits) == 9 and int(digits) > 0 and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def polish(digits: str) -> bool:
    """Tell whether eleven digits are a Polish PESEL.

    >>> polish("44051401359"), polish("44051401358")
    (True, False)
    """
    return len(digits) == 11 and _weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def british_health(digits: str) -> bool:
    """Tell whether ten digits are a number of the British health service (modulo 11).

    >>> british_health("9434765919"), british_health("9434765918")
    (True, False)
    """
    rest = 11 - _weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return len(digits) == 10 and rest != 10 and rest % 11 == int(digits[9])


def brazilian(digits: str) -> bool:
    """Tell whether eleven digits are a Brazilian CPF.

    >>> brazilian("52998224725"), brazilian("52998224726"), brazilian("11111111111")
    (True, False, False)
    """
    first = _weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2)) * 10 % 11 % 10
    second = _weighted(digits, (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) * 10 % 11 % 10
    return len(set(digits)) > 1 and digits[9:] == f"{first}{second}"


_TURNS = tuple("0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 "
               "9876543210".split())  # fmt: skip
_SHIFTS = tuple("0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258".split())


def indian(digits: str) -> bool:
    """Tell whether twelve digits are an Indian Aadhaar number (Verhoeff).

    >>> indian("234123412346"), indian("234123412347")
    (True, False)
    """
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_TURNS[check][int(_SHIFTS[place % 8][int(digit)])])
    return len(digits) == 12 and digits[0] not in "01" and check == 0
