"""The table of what was measured in docs/measured.md, made from benchmarks/results.json.

Each row is what, measured, by. A row's second column is a format string over the results by
benchmark, so that no figure in it is typed by hand.
"""

from typing import Any

BEGIN, END = "<!-- measured by `make bench` -->\n", "<!-- end of measured -->\n"

ROWS = (
    (
        "Training the article's network at batch 100 on one thread, against a tutorial's "
        "DataLoader loop",
        "{training_speed[ratio_vs_naive]:.1f} times as fast, with the same loss after each epoch; "
        "{training_speed[ratio_vs_gemm_floor]:.1f} times the time of the bare matrix products",
        "training_speed --data mnist",
    ),
    (
        "The ten digits while a slider is dragged, in Chromium",
        "{style_board[fps_median]:.0f} a second, 95 % of frames within "
        "{style_board[frame_ms_p95]:.0f} ms; with the browser slowed down four times, as on a "
        "phone, {style_board[fps_median_throttle4]:.0f}, 95 % within "
        "{style_board[frame_ms_p95_throttle4]:.0f} ms",
        "style_board",
    ),
    (
        "Pixels decoded by the browser against the engine's, {style_board[styles_compared]:,} "
        "styles × ten digits, both models",
        "differ by at most {style_board[max_abs_diff]:.1g}",
        "style_board",
    ),
    (
        "Wire and server: one drag and its release; 50 visitors who drag at once",
        "{style_board[bytes_per_interaction][sent]:,} bytes sent and "
        "{style_board[bytes_per_interaction][received]:,} received; "
        "{style_board[server_cpu_percent_while_50_drag]:.1f} % of a core until they let go, then "
        "{style_board[server_cpu_ms_per_release]:.1f} ms each",
        "style_board",
    ),
    (
        "From opening the page to its first ten digits, in Chromium",
        "{first_paint[warm_s]:.1f} s, and {first_paint[cold_s]:.1f} s on the first visit after the "
        "server's start, and {first_paint[far_s]:.1f} s where every answer takes 100 ms longer; "
        "{first_paint[kb_first]:,.0f} kB the first time, "
        "{first_paint[kb_again]:.0f} kB the second",
        "first_paint",
    ),
    (
        "The map's 2,000 points: from a click on Map, the first time and later; when the page is "
        "opened by its address (most of both is the chart library's own start, in a browser "
        "without a graphics card)",
        "{map[from_explore_s]:.1f} s and {map[again_s]:.1f} s; {map[fresh_s]:.1f} s",
        "map",
    ),
    (
        "From the pointer's arrival on a point of the map to its digit and redrawing",
        "{map[hover_ms_p50]:.0f} ms, 95 % within {map[hover_ms_p95]:.0f} ms",
        "map",
    ),
    (
        "From lifting the pen to the frame with the reading and all ten digits, in Chromium; "
        "readings while the pen is down; both with the browser slowed down four times",
        "{draw_latency[pen_up_ms_p50]:.0f} ms, 95 % within {draw_latency[pen_up_ms_p95]:.0f} ms; "
        "{draw_latency[stroke_hz]:.0f} a second; {draw_latency[pen_up_ms_p50_throttle4]:.0f} ms "
        "and {draw_latency[stroke_hz_throttle4]:.0f}",
        "draw_latency",
    ),
    (
        "Training in the background of the app, against the command line; while somebody watches "
        "it in a browser on the same two cores",
        "{app_training[app_to_cli_speed]:.2f} times as fast; "
        "{app_training[watched_to_cli_speed]:.2f}",
        "app_training",
    ),
    (
        "While a model trains: Explore; Draw",
        "{app_training[fps_median_while_training]:.0f} frames a second; "
        "{app_training[pen_up_ms_p50_while_training]:.0f} ms from lifting the pen to the reading, "
        "95 % within {app_training[pen_up_ms_p95_while_training]:.0f} ms",
        "app_training",
    ),
    (
        "A crowd on one server of two cores: from lifting the pen until the server knows what was "
        "drawn, 95 % within, for 10, 50 and 200 visitors who set styles and draw, and 50 beside "
        "200 idle ones",
        "{load[n10_read_ms_p95]:.0f} ms; {load[n50_read_ms_p95]:.0f} ms; "
        "{load[n200_read_ms_p95]:.0f} ms; {load[n50_idle200_read_ms_p95]:.0f} ms; "
        "{load[errors]} errors",
        "load",
    ),
    (
        "The server's memory after {load[visits]:,} visits one after another, above that after 100",
        "{load[rss_growth_mb]:.0f} MB",
        "load",
    ),
    (
        "Said to be unlike any digit, by the `studio` model",
        "{unlike_digits[studio][false_alarms]:.1%} of test digits, "
        "{unlike_digits[studio][pen_false_alarms]:.1%} of digits by pens of our own; "
        "{unlike_digits[studio][letter]:.0%} of letters, {unlike_digits[studio][scribble]:.0%} "
        "of scribbles, {unlike_digits[studio][hatching]:.0%} of hatchings, "
        "{unlike_digits[studio][face]:.0%} of faces, {unlike_digits[studio][line]:.0%} of lines; "
        "{unlike_digits[studio][blob]:.0%} of blobs and {unlike_digits[studio][noise]:.0%} of "
        "noise, of which {unlike_digits[refused_before][blob]:.0%} and "
        "{unlike_digits[refused_before][noise]:.0%} are refused before they are read; "
        "{unlike_digits[studio][half]:.0%} of halves of digits; two digits that touch are told "
        "apart, or warned of, in {unlike_digits[studio][pair]:.0%}",
        "unlike_digits --data mnist",
    ),
    (
        "A real digit written in the style inferred from others of the same hand "
        "({handwriting[hands]} hands of neighbours in MNIST), −log p in nats, `studio` model",
        "one digit {handwriting[studio][nats_same_hand][hand 1][0]:.1f}, two "
        "{handwriting[studio][nats_same_hand][hand 2][0]:.1f}, three "
        "{handwriting[studio][nats_same_hand][hand 3][0]:.1f} ± "
        "{handwriting[studio][nats_same_hand][hand 3][1]:.1f}; to beat: the middle of the prior, "
        "which ignores them, {handwriting[studio][nats_same_hand][prior][0]:.1f}, and one digit of "
        "another hand {handwriting[studio][nats_another_hand][hand 1][0]:.1f}; by one digit nearer "
        "than those in {handwriting[studio][nearer][hand 1][prior]:.0%} and "
        "{handwriting[studio][nearer][hand 1][another hand]:.0%} of cases, by three in "
        "{handwriting[studio][nearer][hand 3][prior]:.0%} and "
        "{handwriting[studio][nearer][hand 3][another hand]:.0%}",
        "handwriting",
    ),
    (
        "Digits that 13 other people wrote on forms, scanned at 8 by 8 dots, read rightly by "
        "`studio` (no training saw them, but its choices did), and by `article` for comparison",
        "{strangers[studio][read]:.1%}, {strangers[article][read]:.1%} of {strangers[scans]:,}",
        "strangers",
    ),
    (
        "Digits of fonts, which no training saw, read rightly by `studio`: of "
        "{fonts[fonts_kept_aside]} for handwriting, often ornate, of {fonts[fonts_tried_on]} such "
        "on which the next model is tried, and of {fonts[fonts_typed]} for print; by `article` for "
        "comparison; said by `studio` to be unlike any digit",
        "{fonts[studio][kept_aside][read]:.1%}, {fonts[studio][tried_on][read]:.1%} and "
        "{fonts[studio][typed][read]:.1%}; {fonts[article][kept_aside][read]:.1%}, "
        "{fonts[article][tried_on][read]:.1%} and {fonts[article][typed][read]:.1%}; "
        "{fonts[studio][kept_aside][called_unlike]:.1%}, "
        "{fonts[studio][tried_on][called_unlike]:.1%} and "
        "{fonts[studio][typed][called_unlike]:.1%}",
        "fonts",
    ),
    (
        "A digit of the first of these fonts in the hand that `studio` tells from another digit of "
        "the same font, −log p in nats",
        "{fonts[studio][kept_aside][hand_nats]:.1f}; to beat: the middle of the prior "
        "{fonts[studio][kept_aside][prior_nats]:.1f}, and another font's hand "
        "{fonts[studio][kept_aside][other_hand_nats]:.1f}; nearer than those in "
        "{fonts[studio][kept_aside][nearer_than_prior]:.0%} and "
        "{fonts[studio][kept_aside][nearer_than_other_hand]:.0%} of cases",
        "fonts",
    ),
    (
        "Digits that {writers[writers]} people wrote on a tablet, twice, drawn with the three pens "
        "of Draw: read rightly by `studio` (no training saw them, but its choices did those of the "
        "first time), and by `article` for comparison; said by `studio` to be unlike any digit",
        "{writers[studio][first][read]:.1%} and {writers[studio][second][read]:.1%}, "
        "{writers[article][first][read]:.1%} and {writers[article][second][read]:.1%} of "
        "{writers[drawings_each_time]:,}; {writers[studio][first][called_unlike]:.1%} and "
        "{writers[studio][second][called_unlike]:.1%}",
        "writers",
    ),
    (
        "One of these people's digits (the second time) in the hand that `studio` tells from "
        "another one, −log p in nats (measured before its decoder learned from an image "
        "discriminator: these strokes were not at hand since)",
        "{writers[studio][second][hand_nats]:.1f}; to beat: the middle of the prior "
        "{writers[studio][second][prior_nats]:.1f}, and another person's hand "
        "{writers[studio][second][other_hand_nats]:.1f}; nearer than those in "
        "{writers[studio][second][nearer_than_prior]:.0%} and "
        "{writers[studio][second][nearer_than_other_hand]:.0%} of cases",
        "writers",
    ),
    (
        "Accuracy lost when test digits are enlarged ×10, moved, inverted, put on a transparent "
        "ground, or made into photos by a program (slanting light, blur, noise), in points",
        "at most {drawing_robustness[points_lost_at_most]:.2f}, of "
        "{drawing_robustness[images]:,} digits",
        "drawing_robustness --data mnist --images 2000",
    ),
    (
        "Digits in pictures that a program composes (desks, sheets aslant, shadows, lines, boxes, "
        "thumbs, chalk, …; it also shaped the finder), read rightly: the mean of 21 kinds, the "
        "worst of them, numbers of three to six digits; wrong without a warning; milliseconds",
        "{pictures[mean]:.1%}, {pictures[worst_kind]:.1%}, {pictures[numbers_exact]:.1%}; "
        "{pictures[silent]:.1%}; {pictures[ms_p50]:.0f}, 95 % within {pictures[ms_p95]:.0f}",
        "pictures",
    ),
    (
        "Mutated files and forged drawings given to Draw; exceptions that reached the page",
        "{fuzz[files]:,} and {fuzz[payloads]:,}; {fuzz[exceptions]}",
        "fuzz",
    ),
    (
        "Faults made on purpose, under open pages (reliability.md); what a visitor lost; "
        "tracebacks",
        "{faults[tried]}; {faults[lost]}; {faults[tracebacks]}",
        "faults",
    ),
    (
        "Visits on two servers behind a proxy, over reloads, uploads and the end of their server: "
        "tried; lost; tracebacks",
        "{replicas[tried]}; {replicas[lost]}; {replicas[tracebacks]}",
        "replicas",
    ),
    (
        "Trainings killed at random moments; runs, epochs or files damaged or lost",
        "{kill_training[tried]}; {kill_training[faults]}",
        "kill_training",
    ),
)


def table(results: dict[str, Any]) -> str:
    """The Markdown table. Raises KeyError for a benchmark that has no result."""
    lines = ["| what | measured | by |", "|---|---|---|"]
    for what, measured, command in ROWS:
        cells = (what.format_map(results), measured.format_map(results))
        lines.append(f"| {cells[0]} | {cells[1]} | `python -m benchmarks.{command}` |")
    return "\n".join(lines) + "\n"


def replaced(text: str, results: dict[str, Any]) -> str:
    """The page with its table made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table(results) + END + after
