"""`python -m e_learning.demo.drawing OUT`: draw every picture, film and sheet of the demo school again.

The results are kept in `e_learning/demo/media`; this is run only to change them. The films need ffmpeg on the PATH.
"""

import sys
from pathlib import Path

from e_learning.demo.drawing.films import write_films
from e_learning.demo.drawing.pictures import write_pictures
from e_learning.demo.drawing.sheet import write_phrase_sheet

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m e_learning.demo.drawing OUT")
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    write_pictures(out)
    write_films(out)
    write_phrase_sheet(out)
