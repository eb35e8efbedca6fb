"""Draw sheets of captcha images, with solutions beneath or, to read blindly, without."""

import argparse
import pathlib
import secrets

from comments_service.plugins.captcha.image import LEVELS, HardImage, Level, letters
from PIL import Image, ImageDraw, ImageFont, ImageOps


def sheet(level: Level, images: int, columns: int, scale: float) -> tuple[Image.Image, list[str]]:
    """Return a sheet of numbered images, and what they say."""
    # In grey, which makes a small file of many images.
    drawer = HardImage(level)
    width, height = round(level.width * scale), round(level.height * scale)
    rows = -(-images // columns)
    drawn = Image.new("L", (columns * (width + 8), rows * (height + 26)), 255)
    texts = [letters(secrets.token_bytes(32), level) for _ in range(images)]
    for number, text in enumerate(texts):
        image = drawer.generate_image(text, (224, 224, 224), (25, 25, 25)).convert("L")
        row, column = divmod(number, columns)
        place = (column * (width + 8) + 4, row * (height + 26) + 4)
        drawn.paste(image.resize((width, height), Image.Resampling.LANCZOS), place)
    return drawn, texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("level", choices=LEVELS)
    parser.add_argument("path", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--scale", type=float, default=0.66)
    parser.add_argument(
        "--blind", action="store_true", help="write the solutions to PATH.txt, not on the sheet"
    )
    options = parser.parse_args()
    level = LEVELS[options.level]
    drawn, texts = sheet(level, options.images, options.columns, options.scale)
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(13)
    width, height = drawn.width // options.columns, round(level.height * options.scale) + 26
    for number, text in enumerate(texts):
        row, column = divmod(number, options.columns)
        label = str(number + 1) if options.blind else f"{number + 1}  {text}"
        pen.text((column * width + 6, (row + 1) * height - 20), label, 0, font)
    ImageOps.posterize(drawn, 4).save(options.path, optimize=True)
    if options.blind:
        solutions = "".join(f"{number} {text}\n" for number, text in enumerate(texts, 1))
        options.path.with_name(options.path.name + ".txt").write_text(solutions)


if __name__ == "__main__":
    main()
