"""What the engine reports, as a sentence in the request's language. Pure functions over text.

The engine speaks English, in few sentences of its own; those are said in Japanese here. What the library's parser says inside
of one, and sentences that are not known, follow as the engine's own words, marked as such.
"""

from __future__ import annotations

import re
from typing import Final

from kizuna.engine.types import EngineError, QuerySyntaxError

_PLACE: Final = re.compile(r"\s*(?:\(line \d+, column \d+\)|at line \d+, column \d+)")
_SENTENCE: Final = re.compile(r"[A-Za-z]+(?: [a-z]+){2}")
"""Words of the parser, where only names and signs of the language belong."""
_SENTENCES: Final = (
    (r"The prefix '(.+)' is not declared\.", "接頭辞「{}」が宣言されていません。"),
    (r"The query cannot be read\.", "問い合わせを読めません。"),
    (
        r"The query cannot be read: expected (.+)\.",
        "問い合わせを読めません。ここに書けるもの: {}",
    ),
    (r"(LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|INSERT|DELETE|WITH) is an update; .+", "{} は更新です。問い合わせは SELECT、ASK、CONSTRUCT、DESCRIBE のいずれかです。"),
    (r"The query took longer than it may and was ended\.", "問い合わせが時間の上限に達したため、打ち切りました。"),
    (r"The query needs more memory than it may use(?: and was ended)?\.", "問い合わせが使えるメモリーの上限に達したため、打ち切りました。"),
    (r"The system ended the query, most likely because memory ran out\.", "メモリー不足のため、システムが問い合わせを終了させました。"),
    (r"The query was cancelled(?: while it waited)?\.", "問い合わせは取り消されました。"),
    (r"No worker came free within (\S+) seconds\. Please try again\.", "{} 秒待ちましたが、処理する番が来ませんでした。"),
    (r"The query is a heavy one and there is no place for more of them now\. .+", "重い問い合わせがいまは混み合っているため、受け付けられません。"),
    (r"The view is still being built\. .+", "この時点・条件のグラフを準備しているところです。"),
    (r"The query asks for an outgoing request \(SERVICE\), which workers cannot make\.", "外部への問い合わせ（SERVICE）はここでは行えません。"),
    (r"SERVICE and LOAD are not available here\.", "SERVICE と LOAD はここでは使えません。"),
    (r"The query is longer than (\d+) bytes\.", "問い合わせが長すぎます（上限 {} バイト）。"),
    (r"A query with the id (.+) is running already\.", "識別名 {} の問い合わせはすでに実行中です。"),
    (r"The query engine crashed on this query \((.+?)\); nothing else is affected\..*", "この問い合わせで処理系が異常終了しました（{}）。ほかには影響しません。"),
    (r"The keeper is gone\.", "グラフを保持する処理が止まっています。"),
    (r"The folder (.+) is too deep for a socket \((\d+) bytes of a path at most\): set TMPDIR to a shorter one\.", "フォルダー {} のパスが長すぎ、ソケットを置けません（上限 {} バイト）。TMPDIR に短いフォルダーを指定してください。"),
    (r"The store took longer than it may; the query was given up\.", "ストアの応答が時間の上限に達したため、打ち切りました。"),
    (r"The store's answer is larger than an answer may be: narrow the query\.", "ストアの回答が大きすぎます。問い合わせの条件を絞ってください。"),
    (r"The store gave the query up\.", "ストアが問い合わせを打ち切りました。"),
    (r"The store wants another user or password\.", "ストアの利用者名かパスワードが違います（KIZUNA_ENDPOINT_USER、KIZUNA_ENDPOINT_PASSWORD）。"),
    (r"The store has no such address\.", "ストアにそのアドレスはありません。"),
    (r"The store cannot be reached\.", "ストアに接続できません。"),
    (r"The store answered (\d+)\.", "ストアの応答は {} でした。"),
    (r"The store is busy\. Please try again\.", "ストアが混み合っています。"),
    (r"The store holds nothing whole: .+", "ストアにはまだ完全なデータがありません。先に、書き込む側のサーバーを起動してください。"),
    (r"This store has a writer already: (.+), since (.+)\. A store has one writer\. .+", "このストアにはすでに書き込むサーバーがあります：{}（{} から）。書き込めるのは一つだけです。そのサーバーを止めてから起動し直すか、--read-only で起動してください。"),
    (r"This store was given another writer at this moment: .+", "このストアにちょうど別のサーバーが書き込みを始めました。もう一度起動して確かめてください。"),
    (r"Another server writes to the store now\.", "いまは別のサーバーがこのストアに書き込んでいます。"),
    (r"The answer is too large\.", "回答が大きすぎます。"),
    (r"There is no revision (\d+)\.", "版 {} はありません。"),
    (r"There is no scenario '(.+)'\.", "シナリオ「{}」はありません。"),
)  # fmt: skip
_KNOWN: Final = tuple((re.compile(pattern + r"\Z", re.DOTALL), ja) for pattern, ja in _SENTENCES)


def words_of(error: EngineError, language: str) -> str:
    """What an error says.

    Args:
        error: of the engine.
        language: ja or en.

    Returns:
        a sentence, "" when the error has no words. The place of a syntax error is not in it.
    """
    said = str(error)
    if isinstance(error, QuerySyntaxError) and error.line is not None:
        said = _PLACE.sub("", said)
    if language != "ja" or not said:
        return said
    for pattern, japanese in _KNOWN:
        match = pattern.match(said)
        if match is not None and not _SENTENCE.search(" ".join(match.groups())):
            return japanese.format(*match.groups())
    if isinstance(error, QuerySyntaxError):
        return f"問い合わせを読めません。構文解析器の言葉（英語）: {said}"
    return f"エンジンの言葉（英語）: {said}"
