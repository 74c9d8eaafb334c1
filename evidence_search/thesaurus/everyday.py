"""Everyday words that a thesaurus should handle with care."""

from __future__ import annotations

COMMON = (
    "able act action area base best better bring build call case centre change close come common "
    "community condition country course day deal develop different effect effective end enter "
    "evidence experience face fact feel find follow form full general give good government great "
    "group hand health help high home hour idea important improve increase issue keep kind know "
    "large lead level life like line little live local long look lose low main make matter mean "
    "meet method month move name national need new number open order part pass people period "
    "person place plan play point possible power practice present pressure problem process "
    "provide public question rate reach reason reduce report research result right role rule run "
    "say see seem service set show side sign start state step stop strong study success support "
    "system take talk team test thing think time top try turn type use user view want way week "
    "work world year"
).split()
"""Words of every text: as a synonym one would bring in records of everything."""

ACRONYMS = (
    "ace act age aid aim air ant ape arc arm art ask assist audit bad bar basic bat bed bet bit "
    "box bus cage cap caps car care cat change chat clear coke cop core cost cot cow craft cure "
    "dad dart dash date dip dot drive dry ear ease east eat exact eye face fact fair far fast fat "
    "fig fit fox fun gain gap get gift goal good grip gun hat heal help hit hope hot impact inn "
    "inspire iron jet jot key kid kit lap last law lead leap learn leg lie link lip live map mars "
    "mast mat match met mind miss mum net new nice now odd oral orc pact par part pass past pat "
    "path peer pet pie pin pit place plan pop pride prime prove push ran rap rat reach real rest "
    "ride rise road rod root safe save scan sea self set shape share shine ship sign sip sips "
    "smart sober spice spur stamp star start steps stop strand strive sun swift tag take tap "
    "target team tie tip toe top track trail tree trust try turn vital wave way well wet wise "
    "work"
).split()
"""Short words that are acronyms in capitals only."""
