"""Customer requirements (客户需求): what a customer wants, asked of a merchant in a joint sale."""
