"""An account's stacks and secrets in memory, as `operations.stacks` tells of them."""

OUTPUTS = {
    "ApiUrl": "https://phone.example",
    "VirtualAtsWebhookUrl": "https://phone.example/webhooks/virtualats/{token}",
    "VerimorCallWebhookUrl": "https://phone.example/webhooks/verimor/calls/{token}",
    "VerimorCampaignWebhookUrl": "https://phone.example/webhooks/verimor/campaigns/{token}",
    "TableName": "acme-Table-1",
    "BucketName": "acme-bucket-1",
}


class Cloud:
    """What is there; `done` is what was asked of it, in order. Every secret exists that `secrets` names."""

    def __init__(self) -> None:
        self.stacks = {}
        self.secrets = {}
        self.done = []

    def use_region(self, region):
        self.done.append(("region", region))

    def deployed(self, stack):
        return self.stacks.get(stack)

    def change_parameter(self, stack, known, name, value):
        self.done.append(("change", stack, name, value))

    def delete(self, stack):
        self.done.append(("delete", stack))

    def secret(self, tenant, name):
        return dict(self.secrets.get((tenant, name), {}))

    def write_secret(self, tenant, name, value):
        if (tenant, name) not in self.secrets:
            return False
        self.secrets[tenant, name] = value
        return True

    def delete_secrets(self, tenant):
        self.done.append(("delete secrets", tenant))

    def delete_table(self, table):
        self.done.append(("delete table", table))

    def delete_bucket(self, bucket):
        self.done.append(("delete bucket", bucket))
        return 3
