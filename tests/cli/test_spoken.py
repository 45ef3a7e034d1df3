"""What commands say in Chinese beside reports: errors, click's own among them, the remedies, and the table of `doctor`."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import click
import pytest

import shapetrace
from shapetrace import cli
from shapetrace.capture.probes import iteration
from shapetrace.cli import main, post_mortem
from shapetrace.doctor import combinations, table
from shapetrace.doctor.lines import Line
from shapetrace.errors import RemedyError, UsageError
from shapetrace.facts import known_clashes
from shapetrace.reports.translations import current, speaking, worded
from shapetrace.said import joined, of_error, said
from shapetrace.sizes.pattern import Pattern
from shapetrace.sizes.refusing import Refusal
from shapetrace.sizes.results import Axis, Because, Sizes
from shapetrace.trace import Conversion, Death, Site, Trace
from shapetrace.verify import trials
from shapetrace.verify.document import document
from shapetrace.verify.engines import OpenVINO, TensorRT
from shapetrace.verify.results import SAME, Difference, Engine, Failure, Place, Run, Verification
from shapetrace.verify.sizes import Spec

_ENGLISH = re.compile(r"(?<![\w.-])[a-z]{2,}(?: [a-z]{2,})+")
"""Two English words in a row."""
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|https?://\S+|(?:shapetrace run|pip install) .*")


def english(text: str) -> list[str]:
    return _ENGLISH.findall(_QUOTED.sub("", text))


@pytest.mark.parametrize(
    ("arguments", "chinese"),
    [
        ("run --nosuch x.py", "没有选项 '--nosuch'。"),
        ("run --tmeout 3 x.py", "没有选项 '--tmeout'。是否指 '--memory', '--report', '--timeout'？"),
        ("run", "缺少参数 'SCRIPT'。"),
        ("run --timeout abc x.py", "'--timeout' 的值无效：'abc' 不是有效的浮点数。"),
        ("run --timeout -1 x.py", "'--timeout' 的值无效：-1.0 不在范围 x>0 之内。"),
        ("run --trace", "选项 '--trace' 需要一个值。"),
        ("run --no-verify=1 x.py", "选项 '--no-verify' 不带值。"),
        ("rule --color never ST101 b c", "多余的参数（b c）"),
        ("rnu", "没有命令 'rnu'：是否指 run？"),
        ("rule ST000", "没有规则 ST000：`shapetrace rule` 列出全部"),
        ("remedies nosuch", "没有修复 'nosuch'；可用的有：rtdetrv2, callables, symbolic-dims"),
        ("run --dim image -m nosuch", "看不懂 --dim image：请写成 image=B,3,H,W"),
        ("run --dim image=B?,3 -m nosuch", "看不懂 --dim image=B?,3：'B?' 既不是名字也不是大小：请写 B、3、B=1..8、H=32*k 或 H=32*k:320..640"),
        ("sizes nosuch.py:build", "没有文件 nosuch.py"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_chinese(
    arguments: str, chinese: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert main(arguments.split()) == 2
    assert capsys.readouterr().err == f"shapetrace: {chinese}\n"


def test_lang_counts_for_a_failure_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LC_ALL", "C")

    assert main(["rule", "--lang", "zh", "ST000"]) == 2
    assert main(["rule", "ST000"]) == 2  # and for no other command
    chinese, plain = capsys.readouterr().err.splitlines()
    assert chinese == "shapetrace: 没有规则 ST000：`shapetrace rule` 列出全部"
    assert plain == "shapetrace: there is no rule ST000: `shapetrace rule` lists them"


def test_an_error_says_the_same_in_english() -> None:
    inner = RemedyError(said("there is no remedy {}; {}", "x", said("did you mean {}?", "y")))
    outer = UsageError(said("{}: {}: {}", "pyproject.toml", "remedies", inner))

    assert str(outer) == "pyproject.toml: remedies: there is no remedy x; did you mean y?"
    with speaking("zh"):
        assert current().say(of_error(outer)) == "pyproject.toml：remedies：没有修复 x；是否指 y？"
    assert of_error(UsageError("a plugin's own words")) == "a plugin's own words"


def test_the_remedies_are_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remedies", "--lang", "zh"]) == 0
    told = capsys.readouterr().out
    assert "让动转静也改写 partial、lambda 和不是模块全局变量的函数" in told
    assert english(told) == []


def test_the_table_of_doctor_is_chinese() -> None:
    lines = [
        *(Line(known.level, known.subject, known.says, known.do, known.threads) for known in combinations.KNOWN),
        *(Line("note", known.where, known.says, known.do, known.threads) for known in known_clashes.KNOWN),
        Line("ok", "script", said("{} was not run: Paddle is missing", "export.py"), "shapetrace run export.py"),
    ]
    printed = io.StringIO()
    with speaking("zh"):
        table.show(lines, printed)
        assert table.summary(lines[-1:]) == worded("nothing to do") == "没有要做的"
    told = printed.getvalue()
    assert "没有运行 export.py：缺少 Paddle" in told
    assert "所见，以及该怎么办" in told
    assert english(" ".join(told.split())) == []


def _verification() -> Verification:
    """One of everything that a verification says."""
    sizes = {"batch": 2, "x[1]": 64}
    place = Place(
        "pd_op.add",
        ("[2, 64]", "[2, 32]"),
        "/Net/",
        clash=(said("{} needs tensors of one rank, and got {} and {}: {}", "add", "x", "y", "z"),),
    )
    difference = Difference(
        "", "values", said("differs in {} of {} values{}: {}; the model gives {}", 3, 9, "", 1, 2), place
    )
    runs = [
        Run(sizes, largest=1e-6, reach=3.0, reordered=("bbox", said("the output"))),
        Run(sizes, difference, note=said("(the op was not found: {})", "ValueError")),
        Run(sizes, failure=Failure("InvalidArgumentError", place)),
        Run(sizes, skipped="ValueError", accepted=True),
        Run(sizes, skipped="ValueError", failure=Failure("ValueError", place)),
    ]
    specs = [Spec("image", ("batch", 3, "image[2]", "image[3]"), "float32")]
    advice = trials.advice(specs, (("image[2]", "image[3]"),), {"image[2]": 8, "image[3]": 8, "batch": 2})
    missing = [engine.missing() for engine in (TensorRT(), OpenVINO())]
    engines = [
        Engine("tensorrt", None, said=missing[0] or missing[1] or said("not tried: there is no export")),
        Engine("openvino", False, "run", joined("{}; {}", [SAME, said("{} as well", OpenVINO.variants[1])]), place),
        *(Engine("x", None, said=known.says) for known in known_clashes.KNOWN),
    ]
    return Verification("Net", runs, advice=advice, engines=engines)


def test_a_verification_is_chinese() -> None:
    with speaking("zh"):
        told = _verification().text()

    assert "batch=2, x[1]=64：输出有 3/9 个值不同：导出的是 1，模型给出的是 2" in told
    assert "就尝试过的大小而言，模型要求 image[2] 和 image[3] 相等，以及 image[2] 和 image[3] 都是 8 的倍数" in told
    assert "结果相同；用全精度（INFERENCE_PRECISION_HINT f32）时也一样" in told
    assert english(told) == []


def test_a_verification_is_the_same_data_in_every_language() -> None:
    with speaking("zh"):
        told = document(_verification())

    assert told == document(_verification())
    assert told["engines"][2]["says"] == "gives the same; in full precision (INFERENCE_PRECISION_HINT f32) as well"


def test_sizes_are_chinese() -> None:
    step = Because(said("a reshape to {} asks for a multiple of {}", "[8, -1]", 8), "reshape", None)
    third = Pattern(modulus=8, residues=(0, 7), also=(1,), multiple_of=8)
    axes = (
        Axis("image", 0, "B", Pattern(), Pattern()),
        Axis("image", 1, "image[1]", Pattern((3,)), Pattern((3,)), fixed_by_spec=True),
        Axis("image", 2, "H", third, third, because=(step,) * 4, held=(("image[3]", 64),)),
        Axis("image", 3, "W", Pattern(), Pattern(), undecided=(step,)),
    )
    equal = (("image[2]", "image[3]"),)
    ones = ((("image[2]",), ("image[3]",)),)
    found = Sizes("forward", axes, equal, ones, together=(step,), unproven=said("not everything was decided"))
    refusal = Refusal(found, {"image[2]": 9}, {"image[0]": 1}, step, (9, 8), {"image[2]": (8, 15), "image[3]": ()})
    with speaking("zh"):
        told = found.text(current().say) + replace(found, proven=True, tried=9).text(current().say)
        refused = refusal.text(current().say) + replace(refusal, because=None).text(current().say)

    assert "  未验证：并非一切都已确定\n" in told
    assert "image[2]  8 的倍数" in told
    assert refused.startswith(
        "forward 不接受 image[2]=9（image[0]=1 时）\n  变形为 [8, -1] 要求它是 8 的倍数：9 和 8\n"
    )
    assert english(told + refused) == []


@pytest.mark.parametrize(
    ("death", "chinese"),
    [
        (Death("SIGKILL", "start"), "进程因 SIGKILL 结束，当时脚本还没有导入 Paddle"),
        (Death("SIGSEGV", "watching", stack=(0,)), "进程因 SIGSEGV 结束（net.py:3），当时没有正在进行的动转静"),
        (Death("SIGABRT", "converting", 0), "进程因 SIGABRT 结束，当时正在转换 forward"),
        (Death("SIGABRT", "converting", 0, "relu"), "进程因 SIGABRT 结束，当时正在转换 forward，在算子 relu 之后"),
        (Death("SIGABRT", "converting", 0, "relu", True, (0,)), "当时正在转换 forward，在算子 relu（net.py:3） 之中"),
    ],
)
def test_how_a_process_died_is_told_in_chinese(death: Death, chinese: str) -> None:
    trace = Trace(conversions=[Conversion("forward")], sites=[Site("net.py", 3)])
    with speaking("zh"):
        told = current().say(post_mortem.sentence(trace, death))

    assert chinese in told
    assert english(told) == []


@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize("iterated", ["range(n)", "zip(a, b)", ""])
def test_what_never_ends_is_told_in_chinese(iterated: str, array: bool) -> None:
    walked = iteration.Walked(Site("net.py", 3, code="[f(i) for i in range(n)]"), iterated, 0, "x.shape[0]")
    with speaking("zh"):
        told = current().say(walked.sentence(array))

    assert told.startswith("net.py:3：`[f(i) for i in range(n)]` 永远不会结束：")
    assert english(told) == []


def test_commands_that_say_sentences_take_the_language() -> None:
    group = click.Context(cli.cli)
    commands = {name: cli.cli.get_command(group, name) for name in cli.cli.list_commands(group)}
    without = {name for name, command in commands.items() if command and "lang" not in {p.name for p in command.params}}

    assert without == {"lsp", "redact"}


def test_diff_speaks_the_language_that_it_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shapetrace.Trace().save(tmp_path / "a.trace")

    assert main(["diff", "--lang", "zh", str(tmp_path / "a.trace"), str(tmp_path / "a.trace")]) == 0
    assert capsys.readouterr().out == "没有差别：诊断、算子和符号形状都相同\n"


@pytest.mark.parametrize(
    "arguments",
    ["--help --lang zh", "--lang zh --help", "sweep --help --lang zh", "--lang zh rule ST101", "--lang zh rule"],
)
def test_the_language_may_stand_before_the_command_and_behind_help(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C")

    assert main(arguments.split()) == 0
    assert re.search("[\u4e00-\u9fff]{2}", capsys.readouterr().out.split("\n\n")[0])
