"""English words that visitors of a Korean page type, to tell English from a wrong layout."""

_COMMON = """
a about account address after all am an and android any app are as ask at atm be because been but
buy by call can cancel card cart cash center change chat check code contact cost could coupon cs
customer day days delete deliver delivery did dm do does download email ems error event exchange
fax fee file find first for free from gift give go good google gps guest had has have he hello help
her here hey hi him his home how hour i id if in info into iphone is it item items its just kakao
know last late link live login logout long lost made mail make many may me mean membership message
method mobile money month more much must my name naver need new next no not now number of off ok
okay old on one only open option or order orders our out over page paid password pay payment paypal
pc pdf phone photo please point points price problem product qr question receipt refund register
return review safe sale say search see send service set ship shipping shop should show sign site
size sms sns so some soon sorry stock stop store support tell than thank thanks that the their them
then there they this time to today too track tracking try tv two up update us usb use user very vip
visa want was way we web week well were what when where which who why wifi will with work world
work works would wrong year yes yet you your
clash coral disk disks duck flavor fork formal goal rock signal sock socks social span spend theory
thrown tidy torn also
"""
COMMON = frozenset(_COMMON.split())
