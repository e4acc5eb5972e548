"""Two sentences of two sources: do they contradict each other?"""

from __future__ import annotations

import pytest

from apps.integrations.offline.disagreement import describe, differ

CONTRADICT = [
    ("The tunnel is 4.2 km long.", "With a length of 4.6 km, the tunnel is the longest of the line."),
    ("The North Loop cost 412 million crowns.", "In total the North Loop cost 467 million crowns."),
    ("The gate opened on 14 May 2014.", "The gate opened on 3 September 2014, after a long delay."),
    ("According to the Harbour Commission, the quay was finished in 1987.", "The quay was finished in 1991."),
    ("The museum holds about 40,000 objects.", "The museum holds 62,000 objects in three buildings."),
    ("The bridge carries 12,000 vehicles a day.", "Each day 19,500 vehicles use the bridge, which carries two lanes."),
    ("The film was directed by Mahesh Bhatt in 1979.", "The film was directed by Ramesh Sippy in 1979."),
    ("The council approved the loan for the school.", "The council rejected the loan for the school."),
    ("The drug reduces the risk of stroke.", "The drug does not reduce the risk of stroke."),
    (
        "At the 1991 census, Kaliganj has a population of 175915.",
        "At the 1991 census, Kaliganj had a population of 219,126.",
    ),
    ("The vaccine must be stored at 4 °C.", "The vaccine must be stored at 8 °C."),
    ("Unemployment in the region fell to 6.1% in 2019.", "Unemployment in the region fell to 7.4% in 2019."),
]
AGREE = [
    ("In 2010 the town had 4,100 inhabitants.", "In 2020 the town had 5,300 inhabitants."),
    ("The first reactor opened in 1974.", "The second reactor opened in 1981."),
    ("The tunnel is 4.2 km long.", "The tunnel is 11 m wide."),
    ("The North Loop cost 412 million crowns.", "The budget of the North Loop was 395 million crowns."),
    ("The line is 3.5 km long.", "The line is 3.47 km long."),
    ("About 100 people attended the meeting.", "The meeting was attended by 104 people."),
    ("It was released on 1 November 2007.", "It was released in November 2007."),
    ("The court in Adel, Iowa, was built in 1902.", "The court in Dallas, Texas, was built in 1892."),
    ("John Sparke (died 1680) was an English politician.", "John Sparke (died 1566) was an English politician."),
    ("Losses were 14.2 per cent in 2005.", "Losses were 11.9 per cent in 2015."),
    ("The plant burns 71,000 tonnes of waste a year.", "The plant delivers 32 MW of heat to 4,000 homes."),
    ("Men earn 3,200 crowns a month on average.", "Women earn 2,900 crowns a month on average."),
    ("In 2006 the album was certified 21 times platinum.", "In May 2023 the album was certified 23 times platinum."),
    ("A history of the heat network, 1974 to 2024.", "The plant has supplied the heat network since 18 March 1991."),
    ("The council voted 31 to 18 to build the network.", "The council decided on the price by 27 votes to 20."),
    ("The tank holds 24,000 cubic metres of water.", "The tank holds 24 000 cubic metres of water."),
    ("Revenue was 164 million crowns in the year 2014.", "The result after tax was 4.1 million crowns in 2014."),
    ("Year: 2019; Price: 71; Fixed charge: 1080", "Year: 2021; Price: 74; Fixed charge: 1140"),
]


@pytest.mark.parametrize(("left", "right"), CONTRADICT)
def test_a_contradiction_is_found_from_both_sides(left: str, right: str) -> None:
    assert differ(left, right)
    assert differ(right, left)


@pytest.mark.parametrize(("left", "right"), AGREE)
def test_what_is_said_of_other_years_things_or_people_is_no_contradiction(left: str, right: str) -> None:
    assert differ(left, right) is None
    assert differ(right, left) is None


def test_a_contradiction_is_described_by_what_is_shared_and_by_both_values() -> None:
    left, right = CONTRADICT[1]

    difference = differ(left, right)

    assert difference is not None
    assert describe(left, right, difference) == "North Loop cost: 412 million crowns or 467 million crowns"
