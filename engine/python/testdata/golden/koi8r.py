# coding=koi8-r
"""При"""
