"""Pictures that stand in for generated ones: real files, quick to make, each prompt its own."""

import io
import math
import struct
import textwrap
import zlib
from colorsys import hls_to_rgb
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFont, ImageOps

CANVAS_EDGE = 256
SKETCH_EDGE = 24
PNG_HEADER_END = 33
LABEL_LINES = 3
FINER = 3
"""How much finer masks are drawn than shown, for smooth edges."""
Color = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Picture:
    prompt: str
    index: int
    width: int
    height: int
    transparent: bool = False
    sketch: bool = False
    """An early, blurred state without its label, as streams show it."""


@lru_cache(maxsize=16)
def drawn(picture: Picture, image_format: str, compression: int) -> bytes:
    """The file of a picture; that of the same prompt again is the same, and there at once."""
    return file_of(draw(picture), image_format, compression)


def draw(picture: Picture) -> Image.Image:
    """Painted small and enlarged: quick, and as soft as it should be."""
    size = (picture.width, picture.height)
    scale = (SKETCH_EDGE if picture.sketch else CANVAS_EDGE) / max(size)
    width, height = (max(8, round(edge * scale)) for edge in size)
    seed = f"{picture.index}\n{picture.prompt}".encode("utf-8", "surrogatepass")
    canvas = _painted(width, height, Random(seed))
    if picture.transparent:
        canvas.putalpha(_vignette(width, height))
    image = canvas.resize(size, Image.Resampling.BICUBIC)
    if not picture.sketch:
        _write_label(image, picture.prompt)
    return image


def file_of(image: Image.Image, image_format: str, compression: int) -> bytes:
    """`compression` is the quality of JPEG and WebP, 0 to 100."""
    buffer = io.BytesIO()
    if image_format == "png":
        image.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
        return _with_provenance(buffer.getvalue())
    # Above 95 JPEG only grows; method 0 is WebP's quickest.
    options = {"quality": min(95, compression)} | ({"method": 0} if image_format == "webp" else {})
    image.save(buffer, image_format.upper(), **options)
    return buffer.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _with_provenance(png: bytes) -> bytes:
    """Real files carry a C2PA manifest right behind IHDR, which breaks naive readers."""
    manifest = b"\0\0\x04\0jumb" + b"a manifest would be here ".ljust(1016, b".")
    return png[:PNG_HEADER_END] + png_chunk(b"caBX", manifest) + png[PNG_HEADER_END:]


def _painted(width: int, height: int, random: Random) -> Image.Image:
    hue = random.random()
    canvas = _background(width, height, hue, random)
    for _ in range(random.randint(3, 6)):
        _add_glow(canvas, _color(hue + random.uniform(0.3, 0.7), 0.65), random)
    _add_disc(canvas, _color(hue + 0.5, 0.85), random)
    layers = random.randint(2, 4)
    for layer in range(layers):
        depth = (layer + 1) / layers
        _add_wave(canvas, _color(hue + 0.12 * depth, 0.5 - 0.3 * depth), depth, random)
    return canvas


def _color(hue: float, lightness: float) -> Color:
    red, green, blue = hls_to_rgb(hue % 1, lightness, 0.65)
    return round(red * 255), round(green * 255), round(blue * 255)


def _background(width: int, height: int, hue: float, random: Random) -> Image.Image:
    # The middle of a turned gradient has no empty corners.
    turned = Image.linear_gradient("L").rotate(random.uniform(0, 360), Image.Resampling.BICUBIC)
    gradient = turned.crop((38, 38, 218, 218)).resize((width, height), Image.Resampling.BICUBIC)
    ends = (_color(hue, 0.3), _color(hue + 0.2, 0.8))
    return ImageOps.colorize(gradient, *ends, mid=_color(hue + random.uniform(-0.1, 0.2), 0.55))


def _add_glow(canvas: Image.Image, color: Color, random: Random) -> None:
    edge = round(random.uniform(0.3, 0.9) * max(canvas.size))
    mask = _fading_disc(edge, edge).point(_soft_glow)
    canvas.paste(color, _somewhere(canvas, edge, random), mask)


def _add_disc(canvas: Image.Image, color: Color, random: Random) -> None:
    edge = round(random.uniform(0.15, 0.4) * min(canvas.size))
    mask = Image.new("L", (edge * FINER, edge * FINER))
    ImageDraw.Draw(mask).ellipse((0, 0, edge * FINER - 1, edge * FINER - 1), fill=230)
    canvas.paste(color, _somewhere(canvas, edge, random), mask.reduce(FINER))


def _somewhere(canvas: Image.Image, edge: int, random: Random) -> tuple[int, int]:
    left = random.uniform(0.1, 0.9) * canvas.width - edge / 2
    top = random.uniform(0.1, 0.6) * canvas.height - edge / 2
    return round(left), round(top)


def _add_wave(canvas: Image.Image, color: Color, depth: float, random: Random) -> None:
    width, height = (edge * FINER for edge in canvas.size)
    base = height * (0.45 + 0.4 * depth)
    swell = height * random.uniform(0.03, 0.1)
    length, phase = random.uniform(0.7, 2.2) * math.tau / width, random.uniform(0, math.tau)
    crest = [(x, base + swell * math.sin(x * length + phase)) for x in range(0, width + 8, 8)]
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).polygon([(0, height), *crest, (width + 8, height)], fill=215)
    canvas.paste(color, (0, 0), mask.reduce(FINER))


def _vignette(width: int, height: int) -> Image.Image:
    """Opaque within, clear in the corners and along the edges."""
    return _fading_disc(width, height).point(lambda value: max(0, min(255, (value - 85) * 9)))


def _fading_disc(width: int, height: int) -> Image.Image:
    """255 in the middle, 74 where the circle touches the edges, 0 in the corners."""
    return ImageOps.invert(Image.radial_gradient("L")).resize((width, height))


def _soft_glow(value: float) -> float:
    return math.pow(max(0.0, (value - 75) / 180), 1.3) * 190


def _write_label(image: Image.Image, prompt: str) -> None:
    size = max(11, round(min(image.size) / 42))
    font = ImageFont.load_default(size=size)
    lines = _wrapped(prompt, font, image.width * 0.6)
    if not lines:
        return
    left, line_height = size * 2, round(size * 1.35)
    top = image.height - size * 2 - line_height * len(lines)
    right = left + max(font.getlength(line) for line in lines)
    panel = (left - size, top - size * 0.6, right + size, image.height - size * 1.4)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle(panel, radius=size * 0.6, fill=(18, 20, 28))
    for number, line in enumerate(lines):
        pen.text((left, top + number * line_height), line, font=font, fill=(245, 245, 245))


def _wrapped(prompt: str, font: Font, width: float) -> list[str]:
    # Half a surrogate pair and control characters cannot be drawn.
    text = prompt[:1000].encode("utf-8", "replace").decode()
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    columns = max(8, int(width / font.getlength("n")))
    lines = textwrap.wrap(printable, columns, max_lines=LABEL_LINES, placeholder=" …")
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: Font, width: float) -> str:
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1]
    return f"{line}…"
