"""The event loop of a keeper: channels, children, and a regular tick. One thread, never blocked."""

from __future__ import annotations

import selectors
import signal
import socket
from collections.abc import Callable

from kizuna.engine.wire import Channel, Frame

FrameHandler = Callable[[Frame], None]
CloseHandler = Callable[[], None]


class Loop:
    """Waits for frames on channels and calls their handlers.

    Args:
        children: called when a child may have ended.
        tick: called at least every `every` seconds.
        every: seconds.
    """

    def __init__(self, children: Callable[[], None], tick: Callable[[], None], every: float = 0.5) -> None:
        self.running = True
        self._children = children
        self._tick = tick
        self._every = every
        self._selector = selectors.DefaultSelector()
        self._channels: dict[Channel, tuple[FrameHandler, CloseHandler]] = {}
        self._writing: set[Channel] = set()
        self._wake, theirs = socket.socketpair()
        self._wake.setblocking(False)
        theirs.setblocking(False)
        self._theirs = theirs
        self._selector.register(self._wake, selectors.EVENT_READ, self._woken)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)

    def stop(self) -> None:
        """End `run` after the present round."""
        self.running = False

    def watch(self, readable: socket.socket | int, handler: Callable[[], None]) -> None:
        """Call `handler` whenever something can be read."""
        self._selector.register(readable, selectors.EVENT_READ, handler)

    def forget(self, readable: socket.socket | int) -> None:
        """The reverse of `watch`."""
        self._selector.unregister(readable)

    def add(self, channel: Channel, frames: FrameHandler, closed: CloseHandler) -> None:
        """Serve a channel until it closes."""
        self._channels[channel] = (frames, closed)
        self._selector.register(channel.sock, selectors.EVENT_READ, channel)

    def drop(self, channel: Channel) -> None:
        """Close a channel without calling its close handler."""
        if self._channels.pop(channel, None) is not None:
            self._selector.unregister(channel.sock)
            self._writing.discard(channel)
            channel.dispose()

    def run(self) -> None:
        """Serve until `stop`."""
        while self.running:
            for key, events in self._selector.select(self._every):
                if isinstance(key.data, Channel):
                    self._serve(key.data, events)
                else:
                    key.data()
            self._children()
            self._tick()
            self._settle()

    def _woken(self) -> None:
        try:
            while self._wake.recv(512):
                pass
        except BlockingIOError:
            pass

    def _serve(self, channel: Channel, events: int) -> None:
        if events & selectors.EVENT_WRITE and not channel.closed:
            channel.flush()
        if events & selectors.EVENT_READ and not channel.closed and channel in self._channels:
            for frame in channel.read():
                if channel in self._channels:
                    self._channels[channel][0](frame)

    def _settle(self) -> None:
        """Say goodbye to closed channels, ask for writability where something waits."""
        for channel in [c for c in self._channels if c.closed]:
            handlers = self._channels.get(channel)
            self.drop(channel)
            if handlers is not None:
                handlers[1]()
        for channel in self._channels:
            if channel.waiting != (channel in self._writing):
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if channel.waiting else 0)
                self._selector.modify(channel.sock, wanted, channel)
                (self._writing.add if channel.waiting else self._writing.discard)(channel)
