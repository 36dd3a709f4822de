"""Every fault that any provider can have; each provider adds its refusals in its own words."""

from collections.abc import Mapping

from imagegen.sandbox import damage, deliveries
from imagegen.sandbox.fault import Fault, Order

# The F-numbers are those of the reliability reference, 6.1.
FAULTS: Mapping[str, Fault[Order]] = {
    # Time
    "slow": Fault("a good answer that comes late", {"latency": 30.0}),
    "hang": Fault("F3 no byte, until the client leaves", silent=True, deliver=deliveries.hang),
    "stall": Fault("F3 half of the body, then no byte", deliver=deliveries.stall),
    "drip_body": Fault("F4 a byte at a time", {"seconds": 1.0}, deliver=deliveries.drip_body),
    "drip_headers": Fault(
        "F4 headers a byte at a time", {"seconds": 1.0}, deliver=deliveries.drip_headers
    ),
    # Connection
    "drop_before_headers": Fault(
        "F5 closed without a byte", silent=True, deliver=deliveries.drop_before_headers
    ),
    "reset": Fault("F5 reset without a byte", silent=True, deliver=deliveries.reset_before_headers),
    "drop_after_headers": Fault("F6 headers, then closed", deliver=deliveries.drop_after_headers),
    "drop_mid_body": Fault("F6 shorter than its length", deliver=deliveries.drop_mid_body),
    "reset_mid_body": Fault("F6 reset in mid-body", deliver=deliveries.reset_mid_body),
    "endless": Fault("F22 a huge body", {"megabytes": 600}, deliver=deliveries.endless),
    # HTTP
    "html_200": Fault("F11 a page of a proxy", edge=damage.page(200)),
    "html_502": Fault("F31 an error page of the edge", edge=damage.page(502)),
    "no_content": Fault("F12 204", edge=damage.empty(204)),
    "empty_body": Fault("F12 200 without a body", edge=damage.empty(200)),
    "redirect": Fault(
        "F32", {"status": 307, "to": "/redirected"}, billed=False, edge=damage.redirect
    ),
    "continue_games": Fault("F33 100 and 103 first", deliver=deliveries.continue_games),
    "duplicate_headers": Fault("F33", answer=damage.duplicate_headers),
    "long_header": Fault("F33", {"bytes": 8192}, answer=damage.long_header),
    "truncated_json": Fault("F7 with a matching length", answer=damage.cut_answer),
    "wrong_content_type": Fault("F9", {"type": "text/html"}, answer=damage.wrong_content_type),
    "gzip": Fault("F23 though nobody asked for it", answer=damage.zipped),
    # Encoding
    "base64_corrupt": Fault("F8", encode=damage.base64_corrupt),
    "base64_white_space": Fault("F8", encode=damage.base64_with_white_space),
    "base64_data_uri": Fault("F8", encode=damage.base64_as_data_uri),
    "base64_unpadded": Fault("F8", encode=damage.base64_without_padding),
    # Images
    "no_images": Fault("F12 an empty list", files=damage.no_files),
    "fewer_images": Fault("F13", {"drop": 1}, files=damage.drop),
    "more_images": Fault("F14", {"extra": 1}, files=damage.add),
    "duplicate_images": Fault("F34 identical bytes", files=damage.repeat_first),
    "wrong_format": Fault("F18 JPEG though PNG was asked", files=damage.as_another_format),
    "animated_png": Fault("F19", files=damage.animated("PNG")),
    "animated_webp": Fault("F19", files=damage.animated("WEBP")),
    "animated_gif": Fault("F19", files=damage.animated("GIF")),
    "heavy": Fault("files of so many bytes", {"megabytes": 1.7}, files=damage.made_heavy),
    "corrupt_image": Fault("F20 breaks off half-way", files=damage.cut_files),
    "bomb": Fault("F21 a decompression bomb", {"side": 20_000}, files=damage.bombs),
    "svg": Fault("F24 SVG for an image", files=damage.replaced_by(damage.SVG)),
    "html_image": Fault("F24 HTML for an image", files=damage.replaced_by(damage.HTML)),
    # Usage
    "usage_missing": Fault("F36", usage=damage.no_usage),
    "usage_negative": Fault("F36", usage=damage.negative_counts),
    "usage_huge": Fault("F36", usage=damage.every_count(10**18)),
    "usage_text": Fault("F36 not numbers", usage=damage.every_count("many")),
    "usage_nan": Fault("F36 NaN, which is no JSON", usage=damage.every_count(float("nan"))),
}
