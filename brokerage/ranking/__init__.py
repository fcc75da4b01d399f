"""The accepting answers of a closed round in order, with the whole arithmetic of every place.

A ranking is made when a round closes, by itself, and is frozen with all that decided it; whoever decides on it declares
their interests before seeing it. It is never changed: when a yes is taken back, another is made. It ends with the award.

Beside the usual files: `inputs` holds what decides a ranking and its written form; `scoring` how quality and price
become points; `explanations` why a place is where it is; `sources` what the database knows that counts; `views` what
page and API show. The board is in `panels`.
"""
