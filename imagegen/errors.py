"""The one table of what can go wrong with a paid request: fault → code, class, charge, sentence."""

from enum import Enum

from imagegen.outcomes import HOSTED_MONEY, PERSONAL_MONEY, Outcome, Row


class Fault(Enum):
    """A row per fault. Sentences may use {provider}, {model}, {detail}; the money follows."""

    # Before the provider is called
    STORAGE_FULL = Row(
        "asset_storage_limit_reached",
        Outcome.REFUSED,
        "The storage of this workspace is full: {detail}. Delete images or raise the plan, then"
        " press Run again.",
    )
    WALLET_SHORT = Row(
        "insufficient_hosted_credits",
        Outcome.REFUSED,
        "The wallet does not cover this run: {detail}. Choose a smaller size, a lower quality or"
        " fewer images, or ask an owner for credit.",
    )
    CAP_REACHED = Row(
        "spend_cap_reached",
        Outcome.REFUSED,
        "The spend cap of this month does not allow this run: {detail}. Choose a smaller size, a"
        " lower quality or fewer images, or ask the administrator to raise the cap.",
    )
    NO_PERSONAL_KEY = Row(
        "personal_model_missing_credentials",
        Outcome.REFUSED,
        "Charge Type is Personal, but this workspace has no {provider} key of its own. Choose"
        " Hosted, or ask an owner to store a key.",
        is_final=True,
    )
    PERSONAL_KEY_CLOSED = Row(
        "personal_model_invalid_credentials",
        Outcome.REFUSED,
        "The {provider} key of this workspace cannot be opened: the master key that sealed it is"
        " missing. Choose Hosted, ask the administrator for the master key, or have an owner store"
        " the key again.",
        is_final=True,
    )
    NO_LONGER_ALLOWED_HOSTED = Row(
        "hosted_model_unavailable",
        Outcome.REFUSED,
        "The person or API key that started this run may no longer run workflows of this"
        " workspace. Have an Editor press Run again.",
        is_final=True,
    )
    NO_LONGER_ALLOWED_PERSONAL = Row(
        "personal_model_invalid_credentials",
        Outcome.REFUSED,
        "The person or API key that started this run may no longer run workflows of this"
        " workspace, so its {provider} key was not used. Have an Editor press Run again.",
        is_final=True,
    )
    DISK_FULL = Row(
        "internal_error",
        Outcome.REFUSED,
        "Fetch Hive has no room on its disk for an answer, so nothing was asked. Tell the"
        " administrator; then press Run again.",
        retryable=True,
        alarm=True,
    )
    NO_HOSTED_KEY = Row(
        "hosted_model_unavailable",
        Outcome.REFUSED,
        "{model} cannot be used with Hosted billing here: the administrator has set no {provider}"
        " key. Choose another model or ask the administrator.",
        is_final=True,
    )
    # Nothing left
    UNREACHABLE = Row(
        "provider_unavailable",
        Outcome.UNSENT,
        "Could not reach {provider}. Check the connection and press Run again.",
        retryable=True,
    )
    SANDBOX_DOWN = Row(
        "provider_unavailable",
        Outcome.UNSENT,
        "The sandbox that stands in for {provider} is not running. Restart Fetch Hive and press"
        " Run again.",
        retryable=True,
    )
    # Complete answers that are provably not billed
    KEY_REFUSED_HOSTED = Row(
        "hosted_model_unavailable",
        Outcome.REJECTED,
        "{provider} refused the key that Fetch Hive uses. Ask the administrator to replace it, or"
        " choose another model.",
        is_final=True,
        alarm=True,
    )
    KEY_REFUSED_PERSONAL = Row(
        "personal_model_invalid_credentials",
        Outcome.REJECTED,
        "{provider} refused the key of this workspace. Choose Hosted, or have an owner replace it"
        " in Provider keys.",
    )
    FORBIDDEN = Row(
        "hosted_model_unavailable",
        Outcome.REJECTED,
        "{provider} does not let this account use {model}. Choose another model or ask the"
        " administrator to have the account verified.",
        is_final=True,
    )
    FORBIDDEN_PERSONAL = Row(
        "personal_model_invalid_credentials",
        Outcome.REJECTED,
        "{provider} does not let your account use {model}. Have the account verified there, choose"
        " another model, or choose Hosted.",
        is_final=True,
    )
    MODEL_RETIRED = Row(
        "model_retired",
        Outcome.REJECTED,
        "{provider} no longer offers {model}. Choose {detail}.",
        is_final=True,
    )
    ADDRESS_UNKNOWN = Row(
        "hosted_model_unavailable",
        Outcome.REJECTED,
        "{provider} does not know the address at which it was asked for {model}. Tell the"
        " administrator: the base URL may be wrong.",
        is_final=True,
        alarm=True,
    )
    INVALID_SETTING = Row(
        "invalid_setting",
        Outcome.REJECTED,
        "{provider} did not accept a setting. Change it and press Run again.",
        is_final=True,
    )
    MODERATION_BLOCKED = Row(
        "moderation_blocked",
        Outcome.REJECTED,
        "{provider} blocked this prompt by its rules. Change the prompt and press Run again.",
    )
    RATE_LIMITED = Row(
        "rate_limited",
        Outcome.REJECTED,
        "{provider} is busy and asked us to slow down. Wait a little and press Run again.",
        retryable=True,
    )
    RATE_LIMITED_FOR_LONG = Row(
        "rate_limited",
        Outcome.REJECTED,
        "{provider} asks to be left alone for {detail}. Press Run again after that, or choose"
        " another model.",
        retryable=True,
        is_final=True,
    )
    OUT_OF_CREDIT_HOSTED = Row(
        "provider_quota_exhausted",
        Outcome.REJECTED,
        "{provider} cannot be used at the moment: the account of Fetch Hive there is out of credit."
        " Tell the administrator, or choose another model.",
        is_final=True,
        alarm=True,
    )
    OUT_OF_CREDIT_PERSONAL = Row(
        "provider_quota_exhausted",
        Outcome.REJECTED,
        "Your {provider} account is out of credit. Top it up there, or choose Hosted.",
    )
    REDIRECTED = Row(
        "bad_provider_response",
        Outcome.REJECTED,
        "{provider} answered with a redirect, which Fetch Hive never follows. Tell the"
        " administrator; press Run to try again.",
        retryable=True,
        is_final=True,
        alarm=True,
    )
    # Complete answers that are billed and hold no usable image
    WITHHELD = Row(
        "moderation_blocked",
        Outcome.BILLED_EMPTY,
        "{provider} made the image and then withheld it by its rules. Change the prompt and press"
        " Run again.",
    )
    NO_IMAGE = Row(
        "no_image",
        Outcome.BILLED_EMPTY,
        "{provider} answered without an image. Ask for an image more plainly and press Run again.",
        retryable=True,
    )
    ANSWERED_IN_WORDS = Row(
        "no_image",
        Outcome.BILLED_EMPTY,
        "{provider} answered in words instead of an image: “{detail}” Ask for an image only and"
        " press Run again.",
        retryable=True,
    )
    IMAGE_BY_ADDRESS = Row(
        "bad_provider_response",
        Outcome.BILLED_EMPTY,
        "{provider} sent the address of an image in place of the image; Fetch Hive fetches nothing"
        " from foreign addresses. Press Run to try again.",
        retryable=True,
        alarm=True,
    )
    ANSWER_UNREADABLE = Row(
        "bad_provider_response",
        Outcome.BILLED_EMPTY,
        "The answer of {provider} could not be read. Press Run to try again.",
        retryable=True,
    )
    IMAGE_DAMAGED = Row(
        "bad_provider_response",
        Outcome.BILLED_EMPTY,
        "The image file that {provider} sent was damaged. Press Run to try again.",
        retryable=True,
    )
    IMAGE_TYPE_REFUSED = Row(
        "bad_provider_response",
        Outcome.BILLED_EMPTY,
        "{provider} sent a file that is not a PNG, JPEG or WebP image. Press Run to try again.",
        retryable=True,
    )
    IMAGE_TOO_LARGE = Row(
        "bad_provider_response",
        Outcome.BILLED_EMPTY,
        "{provider} sent an image larger than Fetch Hive accepts. Choose a smaller size.",
    )
    NOT_SAVED = Row(
        "internal_error",
        Outcome.BILLED_EMPTY,
        "The answer of {provider} arrived, but Fetch Hive could not save its images. It was"
        " logged; tell the administrator.",
        alarm=True,
    )
    # Bytes left and no complete answer came
    DEADLINE = Row(
        "provider_timeout",
        Outcome.UNKNOWN,
        "Outcome unknown: no complete answer from {provider} within {detail}. Press Run to start"
        " anew, knowing that this one may have been made.",
    )
    CONNECTION_BROKE = Row(
        "outcome_unknown",
        Outcome.UNKNOWN,
        "Outcome unknown: the connection to {provider} broke after the request was sent"
        " ({detail}). Press Run to start anew, knowing that this one may have been made.",
    )
    WORKER_LOST = Row(
        "outcome_unknown",
        Outcome.UNKNOWN,
        "Outcome unknown: Fetch Hive was interrupted after the request was sent to {provider}."
        " Press Run to start anew, knowing that this one may have been made.",
    )
    NOT_SPOOLED = Row(
        "outcome_unknown",
        Outcome.UNKNOWN,
        "Outcome unknown: the answer of {provider} could not be written to our disk. Tell the"
        " administrator; press Run to start anew.",
        alarm=True,
    )
    ANSWER_TOO_LARGE = Row(
        "bad_provider_response",
        Outcome.UNKNOWN,
        "Outcome unknown: the answer of {provider} was larger than Fetch Hive accepts. Choose"
        " fewer or smaller images.",
    )
    ANSWER_UNEXPECTED = Row(
        "bad_provider_response",
        Outcome.UNKNOWN,
        "Outcome unknown: something between us and {provider} gave an unexpected answer. Press"
        " Run to start anew, knowing that this one may have been made.",
    )
    PROVIDER_ERROR = Row(
        "provider_unavailable",
        Outcome.UNKNOWN,
        "Outcome unknown: {provider} answered with an error of its own ({detail}). Press Run to"
        " start anew, knowing that this one may have been made.",
    )
    # Ours
    OUR_FAULT = Row(
        "internal_error",
        Outcome.REFUSED,
        "Something went wrong on our side. It was logged; press Run to try again.",
        retryable=True,
        alarm=True,
    )

    @property
    def code(self) -> str:
        return self.value.code

    @property
    def outcome(self) -> Outcome:
        return self.value.outcome

    @property
    def retryable(self) -> bool:
        return self.value.retryable

    @property
    def is_final(self) -> bool:
        return self.value.is_final

    @property
    def alarm(self) -> bool:
        return self.value.alarm

    def message(self, *, provider: str, model: str, personal: bool, detail: str = "") -> str:
        """The whole sentence for the person: what happened, what to do, and where the money is."""
        money = (PERSONAL_MONEY if personal else HOSTED_MONEY)[self.outcome]
        return _filled(f"{self.value.sentence} {money}", provider, model, detail)

    def advice(self, *, provider: str, model: str) -> str:
        """What is wrong and what to do, before anything was tried."""
        return _filled(self.value.sentence, provider, model)


def _filled(text: str, provider: str, model: str, detail: str = "") -> str:
    # One replace per known name: details may quote strangers and are never format strings.
    for name, value in (("provider", provider), ("model", model), ("detail", detail)):
        text = text.replace(f"{{{name}}}", value)
    return text
