import hmac
import os

from fastapi import Header, HTTPException


def check_api_key(x_api_key: str = Header()):
    if not hmac.compare_digest(x_api_key, os.environ["SHOP_KEY"]):
        raise HTTPException(401)
