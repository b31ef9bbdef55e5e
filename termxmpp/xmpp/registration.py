"""XEP-0077 In-Band Registration: an account made over a stream that never logs in.

The way to the server is that of every connection, so nothing is asked or answered outside of
verified TLS. Whatever form the server has, older or newer, the caller meets as one `Form`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Self
from xml.etree.ElementTree import Element, SubElement

from pyxmpp2.iq import Iq

from termxmpp.core.jid import Jid
from termxmpp.errors import LoginRefused, RemoteError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.connection import Connection
from termxmpp.xmpp.forms import NS as FORM_NS
from termxmpp.xmpp.forms import Field, Form
from termxmpp.xmpp.jids import to_pyxmpp
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.places import step_of
from termxmpp.xmpp.preauth import PreauthPayload
from termxmpp.xmpp.resolver import Candidate
from termxmpp.xmpp.sasl import LoginHandler, PausingHandler
from termxmpp.xmpp.stanzas import IncomingIq, xml_text
from termxmpp.xmpp.transport import Transport

__all__ = ["NS", "Registration", "RegistrationPayload", "refused"]

REGISTERING = Standard(
    "XEP-0077",
    "In-Band Registration",
    "2.4",
    note="accounts are made, and get new passwords; none is removed",
    is_partial=True,
)

NS = "jabber:iq:register"


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class RegistrationPayload(Payload):
    """`<query/>`: the form of the server, or what was filled in.

    `link` is the page on which it registers instead (§5), `is_legacy` tells that the form stands
    in the elements of the query itself and is to be answered there. `registered_as` is the name
    of who `is_registered` already; where it `is_removal`, that is to be so no longer (§3.2).
    """

    form: Form = field(default_factory=lambda: Form("submit"))
    link: str = ""
    is_legacy: bool = False
    is_registered: bool = False
    registered_as: str = ""
    is_removal: bool = False

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        link = (element.findtext("{jabber:x:oob}x/{jabber:x:oob}url") or "").strip()
        is_registered = element.find(f"{{{NS}}}registered") is not None
        names = (element.findtext(f"{{{NS}}}{each}") for each in ("username", "nick"))
        called = next(filter(None, names), "").strip() if is_registered else ""
        found = element.find(f"{{{FORM_NS}}}x")
        if found is not None:
            return cls(Form.from_xml(found), link, False, is_registered, called)
        fields = []
        for name, words in _legacy_words().items():
            child = element.find(f"{{{NS}}}{name}")
            if child is not None:
                kind = "text-private" if name == "password" else "text-single"
                values = (child.text,) if child.text else ()
                fields.append(Field(name, kind, values, words, is_required=True))
        key = element.findtext(f"{{{NS}}}key")
        if key:
            fields.append(Field("key", "hidden", (key,)))
        words = (element.findtext(f"{{{NS}}}instructions") or "").strip()
        form = Form("form", tuple(fields), "", (words,) if words else ())
        return cls(form, link, True, is_registered, called)

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query")
        if self.is_removal:
            SubElement(query, f"{{{NS}}}remove")
        elif self.is_legacy:
            for each in self.form.fields:
                SubElement(query, f"{{{NS}}}{each.name}").text = each.value
        elif self.form.fields:
            query.append(self.form.as_xml())
        return query


class Registration(Connection):
    """A connection on which the account `settings.jid` is made; used once, then closed.

    What the server announces is not waited for: many let in who asks all the same (§8).
    """

    _token = ""

    async def begin(self, token: str = "") -> RegistrationPayload:
        """What the server wants to know; raises the TermxmppError of the step that failed.

        `token` is that of an invitation (XEP-0445). LoginRefused where it registers nobody.
        """
        self._token = token
        return await self._first(self._asked)

    async def submit(self, asked: RegistrationPayload, values: Mapping[str, Sequence[str]]) -> None:
        """Make the account with `values` by the fields' names; the account is there afterwards.

        DataError for what the form does not allow, LoginRefused where the server refuses.
        """
        clean = {name: [xml_text(each) for each in given] for name, given in values.items()}
        filled = RegistrationPayload(asked.form.answered(clean), is_legacy=asked.is_legacy)
        await self._request("set", filled)

    async def _asked(self, candidate: Candidate) -> RegistrationPayload:
        sock = await self._places.dial(candidate)
        try:
            self._begin(sock, candidate, self._settings.tls)
            self._observer.step("tls")
            timeouts = self._settings.timeouts
            async with step_of(timeouts.tls, "The server does not go on with TLS."):
                await self._course.step()
            async with step_of(timeouts.login, _("The server says nothing behind TLS.")):
                await self._course.step()
            if self._token:
                await self._show_token()
            return await self._request("get", RegistrationPayload())
        except BaseException:
            self.abort()
            raise

    def _login_handlers(self, transport: Transport, *, is_pinned: bool) -> tuple[LoginHandler, ...]:
        return (PausingHandler(self._course.advance),)

    async def _show_token(self) -> None:
        """Say that one was invited (XEP-0445 §4); LoginRefused where that does not hold."""
        answer = await self._answer("set", PreauthPayload(self._token), "preauth")
        if answer.error is not None:
            text = answer.error.text
            words = _("The invitation does not hold: it may have been used, or be too old.")
            said = f"{words} ({text})" if text else words
            raise LoginRefused(said, answer.error.condition)

    async def _request(self, kind: str, query: RegistrationPayload) -> RegistrationPayload:
        answer = await self._answer(kind, query, f"register-{kind}")
        if answer.error is not None:
            raise refused(answer.error.condition, answer.error.text)
        found = answer.get(RegistrationPayload)
        if kind == "get" and found is None:
            raise RemoteError(_("The server's form for new accounts can't be read."))
        return found or RegistrationPayload()

    async def _answer(self, kind: str, payload: Payload, name: str) -> IncomingIq:
        """What the server answers to `payload`; `name` tells this question from the others."""
        assert self._stream is not None
        iq = Iq(stanza_type=kind, stanza_id=name)
        iq.add_payload(payload)
        heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def answered(result: Any) -> None:
            if not heard.done():
                heard.set_result(result)

        # The answer names the server, as ejabberd's does, or nobody.
        server = to_pyxmpp(Jid("", self._settings.jid.domain))
        for sender in (None, server):
            asked = Iq(stanza_type=kind, stanza_id=name, to_jid=sender)
            self._processor.set_response_handlers(asked, answered, answered)
        self._stream.send(iq)
        words = "The server does not answer the registration."
        async with step_of(self._settings.timeouts.login, words):
            return IncomingIq(await self._course.unless_over(heard))


def _legacy_words() -> dict[str, str]:
    """What a server without a data form may ask for (XEP-0077 §14.1), and what that is called."""
    return {
        "username": _("User name"),
        "nick": _("Nickname"),
        "password": _("Password"),
        "name": _("Full name"),
        "first": _("First name"),
        "last": _("Last name"),
        "email": _("Email address"),
        "address": _("Street"),
        "city": _("City"),
        "state": _("State or region"),
        "zip": _("Postal code"),
        "phone": _("Telephone number"),
        "url": _("Web page"),
        "date": _("Date (such as that of birth)"),
        "misc": _("Other"),
        "text": _("Text"),
    }


def refused(condition: str, text: str = "") -> LoginRefused:
    """Why the server makes no account (§3.1.1, §8), and what to do about it."""
    meanings = {
        "conflict": _("That name is taken: choose another one."),
        "not-acceptable": _("The server does not accept what was filled in."),
        "bad-request": _("The server does not accept what was filled in."),
        "not-allowed": _(
            "The server lets nobody register here: look for a page of its own about new "
            "accounts, or for another server."
        ),
        "resource-constraint": _("The server makes no more accounts now: try again later."),
    }
    same = {
        "forbidden": "not-allowed",
        "service-unavailable": "not-allowed",
        "feature-not-implemented": "not-allowed",
        "registration-required": "not-allowed",
        "policy-violation": "not-acceptable",
    }
    fallback = _("The server refused the registration ({condition}).").format(condition=condition)
    words = meanings.get(same.get(condition, condition), fallback)
    return LoginRefused(f"{words} ({text})" if text else words, condition)
