"""Mutations of project specialists."""

from datetime import datetime

import strawberry

from domain.identity.permissions import describe
from domain.identity.viewer import Viewer
from domain.members import specialists
from kit import ids
from resolvers.mutation import Outcome, mutation
from schema import specialists as schema


@strawberry.type
class SpecialistMutation:
    @mutation(
        "Apply for a member to become a project specialist.",
        schema.MemberSpecialistApplyPayload,
        requires=describe("memberSpecialistApply"),
    )
    async def member_specialist_apply(
        self, viewer: Viewer, input: schema.MemberSpecialistInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.apply(viewer=viewer, member_id=member_id, now=now)
        return Outcome(member=member_id)

    @mutation(
        "Make the member a specialist.",
        schema.MemberSpecialistApprovePayload,
        requires=describe("memberSpecialistApprove"),
    )
    async def member_specialist_approve(
        self, viewer: Viewer, input: schema.MemberSpecialistInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.approve(viewer=viewer, member_id=member_id, now=now)
        return Outcome(member=member_id)

    @mutation(
        "Refuse to make the member a specialist.",
        schema.MemberSpecialistRejectPayload,
        requires=describe("memberSpecialistReject"),
    )
    async def member_specialist_reject(
        self, viewer: Viewer, input: schema.MemberSpecialistRefusalInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.reject(viewer=viewer, member_id=member_id, reason=input.reason, now=now)
        return Outcome(member=member_id)

    @mutation(
        "Ask the platform that the member be no specialist any more, with a reason and a file."
        " Until then the member can't be unlinked.",
        schema.MemberSpecialistCancelPayload,
        requires=describe("memberSpecialistCancel"),
    )
    async def member_specialist_cancel(
        self, viewer: Viewer, input: schema.MemberSpecialistCancelInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.cancel(
            viewer=viewer,
            member_id=member_id,
            reason=input.reason,
            file_name=input.file.name,
            file_base64=input.file.content,
            now=now,
        )
        return Outcome(member=member_id)

    @mutation(
        "Withdraw the request to cancel, before the platform has decided.",
        schema.MemberSpecialistCancelWithdrawPayload,
        requires=describe("memberSpecialistCancelWithdraw"),
    )
    async def member_specialist_cancel_withdraw(
        self, viewer: Viewer, input: schema.MemberSpecialistInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.withdraw_cancelling(viewer=viewer, member_id=member_id, now=now)
        return Outcome(member=member_id)

    @mutation(
        "Agree that the member is no specialist any more.",
        schema.MemberSpecialistCancelApprovePayload,
        requires=describe("memberSpecialistCancelApprove"),
    )
    async def member_specialist_cancel_approve(
        self, viewer: Viewer, input: schema.MemberSpecialistInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.approve_cancelling(viewer=viewer, member_id=member_id, now=now)
        return Outcome(member=member_id)

    @mutation(
        "Refuse: the member stays a specialist.",
        schema.MemberSpecialistCancelRejectPayload,
        requires=describe("memberSpecialistCancelReject"),
    )
    async def member_specialist_cancel_reject(
        self, viewer: Viewer, input: schema.MemberSpecialistRefusalInput, now: datetime
    ) -> Outcome:
        member_id = ids.decode("mbr", input.member_id)
        await specialists.reject_cancelling(
            viewer=viewer, member_id=member_id, reason=input.reason, now=now
        )
        return Outcome(member=member_id)
