from .shell import execute as run_command
from .shell import execute_list
from .store import *
from .web import Client
