"""The feeds beside jobs and meters: machines, pods, storage, lines, devices, probes, racks, outages, orders, bills.

Each module lets one kind of thing happen and writes it as its sender would; `sending` says who sends what and when.
"""
