from acmelib import Arm, bus

arm = Arm("left")


@bus.listener
def handle(message):
    arm.move(message.target)
    arm.move(bus.checked(message.target))
