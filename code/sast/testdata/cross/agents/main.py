import loop


def main():
    loop.solve("sum")
    loop.act("list files")
    loop.query("how many?")
    loop.answer("hello")
    loop.page("hello")
