"""What-if: a month's usage rated by a tariff that nobody has landed, in a copy that is thrown away."""
