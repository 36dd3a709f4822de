"""What arrives as something else is stored as PNG where that is promised."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageCms

from imagegen.assets import store
from imagegen.assets.images import Unusable, convert, facts
from imagegen.errors import Fault
from imagegen.models import Asset


def file_of(image, image_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


@pytest.fixture
def converted(tmp_path):
    def as_png(content):
        path = tmp_path / "arrived"
        path.write_bytes(content)
        convert(path, "png")
        assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["arrived"]
        assert facts(path).file_type == "image/png"
        return Image.open(io.BytesIO(path.read_bytes()))

    return as_png


@pytest.mark.parametrize(
    ("image_format", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB"), ("WEBP", "RGBA")],
)
def test_every_kind_of_image_becomes_a_png_of_the_same_size(image_format, mode, converted):
    png = converted(file_of(Image.new(mode, (48, 32)), image_format))
    assert (png.format, png.size) == ("PNG", (48, 32))


def test_transparency_is_kept(converted):
    image = Image.new("RGBA", (8, 8), (200, 20, 20, 0))
    assert converted(file_of(image, "WEBP", lossless=True)).getpixel((0, 0))[3] == 0


def test_an_image_that_lies_on_its_side_is_set_upright(converted):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    png = converted(file_of(Image.new("RGB", (48, 32)), "JPEG", exif=exif))
    assert png.size == (32, 48)
    assert 0x0112 not in png.getexif()


def test_colours_keep_their_profile(converted):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    png = converted(file_of(Image.new("RGB", (8, 8)), "JPEG", icc_profile=profile))
    assert png.info["icc_profile"] == profile


def test_the_profile_of_a_printer_is_left_behind(converted):
    png = converted(file_of(Image.new("CMYK", (8, 8)), "JPEG", icc_profile=b"of a printer"))
    assert png.mode == "RGB"
    assert "icc_profile" not in png.info


def test_of_several_frames_the_first_is_taken(converted):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    moving = file_of(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    png = converted(moving)
    assert getattr(png, "n_frames", 1) == 1
    assert png.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.cooked_books
@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_stored_and_that_is_said(image_format, kept):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    options = {} if image_format == "PNG" else {"lossless": True}
    moving = file_of(frames[0], image_format, save_all=True, append_images=frames[1:], **options)
    asset = kept(moving, "")
    assert asset.file_type == f"image/{image_format.lower()}"
    assert asset.note == "Image 1 was animated: its first frame was kept."
    with default_storage.open(asset.key) as file, Image.open(file) as image:
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((0, 0)) == (255, 0, 0)


@pytest.fixture
def kept(finished_run):
    """Stores bytes for the part of a run whose slot is free again."""
    part = finished_run.parts.get()
    Asset.objects.all().delete()

    def keep(content, stored_as):
        return store.keep(part, 0, iter([content]), stored_as)

    return keep


@pytest.mark.cooked_books
def test_what_is_stored_is_the_png_in_every_respect(kept, client):
    arrived = file_of(Image.effect_noise((64, 64), 80).convert("RGB"), "JPEG")
    asset = kept(arrived, "png")
    assert (asset.file_type, asset.width, asset.height) == ("image/png", 64, 64)
    assert asset.file_name.endswith("-1.png")
    stored = b"".join(client.get(asset.path).streaming_content)
    assert stored.startswith(b"\x89PNG")
    assert asset.file_size == len(stored) != len(arrived)


@pytest.mark.cooked_books
@pytest.mark.parametrize(("image_format", "stored_as"), [("PNG", "png"), ("PNG", ""), ("JPEG", "")])
def test_what_need_not_be_converted_is_stored_as_it_came(image_format, stored_as, kept, client):
    arrived = file_of(Image.new("RGB", (8, 8)), image_format)
    stored = b"".join(client.get(kept(arrived, stored_as).path).streaming_content)
    assert stored == arrived


@pytest.mark.cooked_books
def test_what_is_damaged_is_not_converted(kept, settings):
    arrived = file_of(Image.effect_noise((64, 64), 80).convert("RGB"), "JPEG")
    with pytest.raises(Unusable) as unusable:
        kept(arrived[: len(arrived) // 2], "png")
    assert unusable.value.fault is Fault.IMAGE_DAMAGED
    assert list((settings.FILES / "arriving").iterdir()) == []
