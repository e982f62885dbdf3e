"""Which operations of webhooks need which permission items."""

from collections.abc import Mapping

from domain.identity.items import Item

WEBHOOK_OPERATIONS: Mapping[str, tuple[Item, ...]] = {
    "webhookEndpoints": (Item.WEBHOOK_MANAGE,),
    "webhookDeliveries": (Item.WEBHOOK_MANAGE,),
    "webhookEndpointCreate": (Item.WEBHOOK_MANAGE,),
    "webhookEndpointEdit": (Item.WEBHOOK_MANAGE,),
    "webhookEndpointPause": (Item.WEBHOOK_MANAGE,),
    "webhookEndpointResume": (Item.WEBHOOK_MANAGE,),
    "webhookSecretRotate": (Item.WEBHOOK_MANAGE,),
    "webhookEndpointTest": (Item.WEBHOOK_MANAGE,),
    "webhookEndpointDelete": (Item.WEBHOOK_MANAGE,),
    "webhookDeliveryRetry": (Item.WEBHOOK_MANAGE,),
    "webhookReplay": (Item.WEBHOOK_MANAGE,),
}
